//! The policy table, as the security officer and the auditor read it: the very rights that decide.

use super::AppError;
use crate::app::accounts::Caller;
use crate::view_access::{PolicyLine, PolicyReach};
use benhan_domain::access::{DoctorsReach, Place, Reach, Role, ViewPolicy, decide};
use benhan_domain::policy_table;

pub fn table(caller: &Caller) -> Result<Vec<PolicyLine>, AppError> {
    decide::<ViewPolicy>(&caller.actor, Place::Facility)?;
    Ok(lines(caller.actor.doctors))
}

/// For the command line, which stands beside the program itself.
pub fn lines(doctors: DoctorsReach) -> Vec<PolicyLine> {
    let lines = policy_table::lines(doctors).into_iter().map(|line| PolicyLine {
        subject: line.about.as_str().to_owned(),
        subject_name: line.about.vietnamese().to_owned(),
        verb: line.verb,
        rights: line.rights.into_iter().map(str::to_owned).collect(),
        reach: Role::ALL
            .into_iter()
            .zip(line.reach)
            .map(|(role, reach)| PolicyReach { role, reach: word(reach).to_owned() })
            .collect(),
        in_emergency: line.in_emergency,
        of_readers: line.of_readers,
    });
    lines.collect()
}

fn word(reach: Reach) -> &'static str {
    match reach {
        Reach::Nowhere => "none",
        Reach::Granted => "granted",
        Reach::OwnWards => "ward",
        Reach::Facility => "facility",
    }
}
