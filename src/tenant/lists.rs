//! Lists of values that the tenant defines.

use super::{Crm, Trouble};
use crate::{clock::Dice, crm::Object, rules::TenantValues, wire::wapi::Item};

impl Crm {
    /// The values that a parameter may have in this tenant. `None`: it is no list.
    ///
    /// # Errors
    /// The tenant does not tell.
    pub async fn values(
        &self,
        tag: &str,
        what: TenantValues,
        dice: &Dice,
    ) -> Result<Option<Vec<String>>, Trouble> {
        let lists: &[&str] = match what {
            TenantValues::Countries => &["COUNTRY"],
            TenantValues::Agents => &["AGENTS"],
            TenantValues::AgentsAndGroups => &["AGENTS", "GROUPS"],
            TenantValues::FaqCategories => &["FAQCATEGORY"],
            TenantValues::Picklist => {
                let items = self.picklist(tag, dice).await?;
                // An empty list means: no such picklist (rulings CUSTOMFIELD_NON_PICKLIST).
                return Ok((!items.is_empty()).then(|| firsts(&items)));
            }
        };
        let mut values = Vec::new();
        for list in lists {
            let items = self.list(list, dice).await?;
            values.extend(match what {
                TenantValues::Countries => firsts(&items),
                _ => ids(&items),
            });
        }
        Ok(Some(values))
    }

    /// The items of a List, such as AGENTS.
    ///
    /// # Errors
    /// The tenant does not tell.
    pub async fn list(&self, list: &str, dice: &Dice) -> Result<Vec<Item>, Trouble> {
        self.ask(Object::CustomField, "LIST", list, &[], dice).await
    }

    /// The items of a picklist; none where there is no such list (ruling
    /// CUSTOMFIELD_NON_PICKLIST).
    ///
    /// # Errors
    /// The tenant does not tell.
    pub async fn picklist(&self, name: &str, dice: &Dice) -> Result<Vec<Item>, Trouble> {
        self.ask(Object::CustomField, "GET", "CUSTOMFIELD", &[("NAME", name)], dice).await
    }
}

fn firsts(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .filter_map(|item| item.fields().next())
        .map(|(_, value)| value.to_owned())
        .collect()
}

/// The first tag that ends in ID: AGENTID, GROUPID, FAQCATID (rulings GROUPS_REPLY).
fn ids(items: &[Item]) -> Vec<String> {
    let id = |item: &Item| {
        item.fields().find(|(tag, _)| tag.ends_with("ID")).map(|(_, value)| value.to_owned())
    };
    items.iter().filter_map(id).collect()
}
