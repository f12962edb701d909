//! What `init` writes into the record, in one transaction: the hospital, its beds, its first administrator.

use crate::admin::house::{Added, House};
use crate::admin::{open, plainly};
use crate::data_dir::DataDir;
use anyhow::bail;
use benhan_domain::access::Role;
use benhan_domain::audit::Act;
use benhan_domain::password::Rules;
use benhan_server::app::accounts::{Invitation, account};
use benhan_store::{Db, DbUrl, StoreError, audit, migrate, places, users};
use serde_json::json;

pub struct Opening {
    pub code: String,
    pub name: String,
    pub authority: String,
    pub house: House,
    pub admin: String,
    pub admin_name: String,
    pub password: String,
}

impl Opening {
    pub async fn write(self, dir: &DataDir, url: DbUrl, pepper: [u8; 32]) -> anyhow::Result<Added> {
        let first = Invitation {
            username: self.admin,
            name: self.admin_name,
            role: Role::Administrator,
            wards: Vec::new(),
            password: self.password,
        };
        let first = account(&pepper, Rules::default(), first).map_err(plainly)?;
        // Asked before it is opened: another hospital's record would be refused for its keys.
        let mut there = Db::reader(&url)?;
        if migrate::pending(there.db())?.is_empty() && places::facility(&mut there)?.is_some() {
            bail!("this database holds a hospital already: give an empty one");
        }
        drop(there);
        let db = open(dir, url)?;
        if db.read::<_, StoreError, _>(places::facility).await?.is_some() {
            db.close();
            bail!("this database holds a hospital already: give an empty one");
        }
        let (code, name, authority, house) = (self.code, self.name, self.authority, self.house);
        let added = db.write(move |tx| {
            let facility = places::add_facility(tx, &code, &name, &authority)?;
            let user = users::add(tx, &first)?;
            for (kind, id) in [("facility", facility.to_string()), ("user", user.to_string())] {
                let entry = audit::Entry {
                    actor: None,
                    act: Act::Create,
                    subject_kind: kind,
                    subject_id: id,
                    patient: None,
                    encounter: None,
                    detail: json!({ "by": "init" }),
                };
                audit::append(tx, entry)?;
            }
            house.furnish(tx, facility)
        });
        let added = added.await;
        db.close();
        Ok(added?)
    }
}
