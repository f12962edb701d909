//! TSTInfo: what the authority signs.

use const_oid::ObjectIdentifier;
use der::Decode;

use super::imprint::Imprint;
use super::problem::StampProblem;
use crate::asn1::{self, Cursor, Malformed};
use crate::instant;

/// The content of a time stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TstInfo {
    pub policy: ObjectIdentifier,
    pub imprint: Imprint,
    /// The octets of the INTEGER.
    pub serial: Vec<u8>,
    /// genTime, µs UTC.
    pub time: i64,
    /// The octets of the INTEGER.
    pub nonce: Option<Vec<u8>>,
}

impl TstInfo {
    pub fn parse(der: &[u8]) -> Result<Self, StampProblem> {
        let (info, critical) = Self::read(der)?;
        match critical {
            Some(extension) => Err(StampProblem::Unsupported(format!("TSTInfo {extension}"))),
            None => Ok(info),
        }
    }

    /// The fields, and the first critical extension: none is understood here.
    fn read(der: &[u8]) -> Result<(Self, Option<ObjectIdentifier>), Malformed> {
        let mut outer = Cursor::new(der);
        let mut fields = outer.expect(asn1::SEQUENCE)?.inside();
        outer.end()?;
        if fields.expect(asn1::INTEGER)?.value != [1] {
            return Err(Malformed);
        }
        let policy = ObjectIdentifier::from_der(fields.expect(asn1::OBJECT_IDENTIFIER)?.whole)?;
        let imprint = Imprint::read(&fields.expect(asn1::SEQUENCE)?)?;
        let serial = fields.expect(asn1::INTEGER)?.value.to_vec();
        let time = instant::from_generalized(fields.expect(asn1::GENERALIZED_TIME)?.value).ok_or(Malformed)?;
        fields.optional(asn1::SEQUENCE)?; // accuracy
        fields.optional(asn1::BOOLEAN)?; // ordering
        let nonce = fields.optional(asn1::INTEGER)?.map(|number| number.value.to_vec());
        fields.optional(asn1::CONTEXT_0)?; // the authority's name; its certificate tells it with more weight
        let mut extensions = fields.optional(asn1::CONTEXT_1)?.map_or(Cursor::new(&[]), |list| list.inside());
        fields.end()?;
        let mut critical = None;
        while let Some(extension) = extensions.next()? {
            let extension = x509_cert::ext::Extension::from_der(extension.whole)?;
            if extension.critical {
                critical.get_or_insert(extension.extn_id);
            }
        }
        Ok((Self { policy, imprint, serial, time, nonce }, critical))
    }

    /// Whole seconds, and no accuracy: how well a clock is kept is not known here.
    pub fn to_der(&self) -> der::Result<Vec<u8>> {
        let fields = [
            asn1::unsigned(&[1]),
            asn1::wrap(asn1::OBJECT_IDENTIFIER, self.policy.as_bytes()),
            self.imprint.der.clone(),
            asn1::unsigned(&self.serial),
            instant::to_generalized(self.time)?,
            self.nonce.as_ref().map_or_else(Vec::new, |nonce| asn1::wrap(asn1::INTEGER, nonce)),
        ];
        Ok(asn1::wrap(asn1::SEQUENCE, &fields.concat()))
    }
}
