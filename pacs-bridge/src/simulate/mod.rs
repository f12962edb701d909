//! A modality that behaves as a real one: it asks for its worklist, makes an examination and sends it.
//!
//! It speaks through dicom-ul and writes with dicom-object, so that it shares no protocol code with the
//! bridge it talks to. What it draws depends on its seed alone. It is no image simulator: enough anatomy
//! for a person to see at once what hangs right.

mod association;
mod objects;
mod phantom;
mod worklist;

pub use association::SimulateError;
use association::Speaker;
use std::net::SocketAddr;
pub use worklist::Scheduled;

/// What a modality makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Examination {
    /// A chest CT series: so many axial slices of `side` × `side` pixels, 16 bits.
    Ct { slices: u16, side: u16 },
    /// One chest radiograph of `side` × `side` pixels, 12 bits.
    Cr { side: u16 },
}

impl Examination {
    fn modality(self) -> &'static str {
        match self {
            Self::Ct { .. } => "CT",
            Self::Cr { .. } => "CR",
        }
    }
}

/// A modality and where it connects.
#[derive(Clone, Debug)]
pub struct Modality {
    pub address: SocketAddr,
    pub calling: String,
    pub called: String,
    /// Decides noise and anatomy; the same seed and order give the same bytes.
    pub seed: u64,
    pub examination: Examination,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Answers to the worklist query.
    pub scheduled: usize,
    /// The order that was examined; nothing when none was scheduled for this modality.
    pub examined: Option<Scheduled>,
    pub sent: usize,
}

impl Modality {
    /// Asks for the orders of its kind.
    ///
    /// # Errors
    /// When there is no association or the peer answers otherwise than success.
    pub async fn worklist(&self) -> Result<Vec<Scheduled>, SimulateError> {
        let mut speaker = Speaker::for_worklist(self).await?;
        let found = worklist::query(&mut speaker, self.examination.modality()).await?;
        speaker.release().await?;
        Ok(found)
    }

    /// Examines the order of this accession number, or the first scheduled one, and sends the images.
    ///
    /// # Errors
    /// As [`worklist`](Self::worklist), and when an image is not stored.
    pub async fn run(&self, accession: Option<&str>) -> Result<Report, SimulateError> {
        let scheduled = self.worklist().await?;
        let count = scheduled.len();
        let chosen = scheduled.into_iter().find(|order| accession.is_none_or(|wanted| wanted == order.accession));
        let Some(order) = chosen else {
            return Ok(Report { scheduled: count, examined: None, sent: 0 });
        };
        let sent = self.send(&order).await?;
        Ok(Report { scheduled: count, examined: Some(order), sent })
    }

    /// Examines an order and sends the images over one association; answers how many.
    ///
    /// # Errors
    /// When there is no association or an image is not stored.
    pub async fn send(&self, order: &Scheduled) -> Result<usize, SimulateError> {
        let mut speaker = Speaker::for_storage(self).await?;
        let images = match self.examination {
            Examination::Ct { slices, .. } => slices,
            Examination::Cr { .. } => 1,
        };
        for number in 1..=images {
            let image = objects::image(self, order, number);
            speaker.store(number, &image).await?;
        }
        speaker.release().await?;
        Ok(usize::from(images))
    }
}
