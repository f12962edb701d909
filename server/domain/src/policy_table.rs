//! The policy as a table that a security officer reads: what of the record × verb, and how far each role's right reaches.

use crate::access::{Reach, Role, Subject, Verb, policy};

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

/// Every subject with the verbs that there are for it.
pub fn lines() -> Vec<Line> {
    let rights = policy();
    let mut lines = Vec::new();
    for about in Subject::ALL {
        for verb in Verb::ALL {
            let of = || rights.iter().filter(|r| r.about == *about && r.verbs.contains(&verb));
            if of().next().is_none() {
                continue;
            }
            let widest = |role: usize| {
                of().filter_map(|r| r.reach.get(role).copied())
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
        let lines = lines();
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
}
