//! The policy as a table that a security officer reads: what of the record × verb, and how far each role's right reaches.

use crate::access::{DoctorsReach, Reach, Role, Subject, Verb, policy};

/// One line: who may do this to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub about: Subject,
    pub verb: Verb,
    /// The rights that the line stands for, as the code names them.
    pub rights: Vec<&'static str>,
    /// In the order of [`Role::ALL`].
    pub reach: Vec<Reach>,
    pub in_emergency: bool,
    /// In a record that only assigned staff read, at least one of them is theirs alone.
    pub of_readers: bool,
}

/// Every subject with the verbs that there are for it, in a house that lets its doctors' rights reach so far.
pub fn lines(doctors: DoctorsReach) -> Vec<Line> {
    let rights = policy();
    let mut lines = Vec::new();
    for about in Subject::ALL {
        for verb in Verb::ALL {
            let of = || rights.iter().filter(|r| r.about == *about && r.verbs.contains(&verb));
            if of().next().is_none() {
                continue;
            }
            let widest = |role: usize| {
                of().filter_map(|r| {
                    let (who, reach) = Role::ALL.get(role).copied().zip(r.reach.get(role).copied())?;
                    Some(doctors.narrow(who, r.of_treatment, reach))
                })
                .max_by_key(|reach| width(*reach))
                .unwrap_or(Reach::Nowhere)
            };
            lines.push(Line {
                about: *about,
                verb,
                rights: of().map(|r| r.action).collect(),
                reach: (0..Role::ALL.len()).map(widest).collect(),
                in_emergency: of().any(|r| r.in_emergency),
                of_readers: of().any(|r| r.of_readers),
            });
        }
    }
    lines
}

fn width(reach: Reach) -> u8 {
    match reach {
        Reach::Nowhere => 0,
        Reach::Granted => 1,
        Reach::OwnWards => 2,
        Reach::Facility => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: CV-III.1.1c, C46-8.2a
    #[test]
    fn every_right_stands_in_the_table() {
        let lines = lines(DoctorsReach::WholeHouse);
        for right in policy() {
            for verb in right.verbs {
                let line = lines.iter().find(|l| l.about == right.about && l.verb == *verb).expect("a line");
                assert!(line.rights.contains(&right.action), "{}", right.action);
            }
        }
        let withdrawn = lines.iter().find(|l| l.about == Subject::Vitals && l.verb == Verb::Cancel).expect("a line");
        let reach_of = |role: Role| withdrawn.reach[Role::ALL.iter().position(|r| *r == role).expect("listed")];
        assert_eq!(reach_of(Role::Nurse), Reach::OwnWards);
        assert_eq!(reach_of(Role::Doctor), Reach::Facility);
        assert_eq!(reach_of(Role::Auditor), Reach::Nowhere);
    }

    // Clauses: KCB-10.2
    #[test]
    fn where_doctors_treat_their_own_patients_the_table_says_so() {
        let of = |doctors, about, role: Role| {
            let lines = lines(doctors);
            let line = lines.into_iter().find(|l| l.about == about && l.verb == Verb::View).expect("a line");
            line.reach[Role::ALL.iter().position(|r| *r == role).expect("listed")]
        };
        assert_eq!(of(DoctorsReach::OwnPatients, Subject::Chart, Role::Doctor), Reach::OwnWards);
        assert_eq!(of(DoctorsReach::OwnPatients, Subject::Chart, Role::Radiologist), Reach::Facility);
        assert_eq!(
            of(DoctorsReach::OwnPatients, Subject::Patient, Role::Doctor),
            Reach::Facility,
            "finds whom to treat"
        );
    }
}
