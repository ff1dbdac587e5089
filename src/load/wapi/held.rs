//! The record that a number names, as the tenant holds it now.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use super::own::can_be_asked;
use crate::{
    clock::Dice,
    crm::Object,
    load::Turn,
    rules::TenantValues,
    tenant::{Crm, Trouble},
    wire::wapi::Item,
};

/// Finds records by their numbers.
#[derive(Debug)]
pub struct Held {
    crm: Crm,
    object: Object,
    /// All FAQs by their numbers, read when the first is wanted.
    faqs: OnceCell<BTreeMap<String, Item>>,
}

impl Held {
    /// Nothing is read yet.
    pub fn new(crm: Crm, object: Object) -> Self {
        Held { crm, object, faqs: OnceCell::new() }
    }

    /// The record with this key; `anew` where what was read before may have changed since.
    ///
    /// # Errors
    /// The tenant does not tell.
    pub async fn by_key(
        &self,
        turn: Turn,
        key: &[(&str, &str)],
        anew: bool,
        dice: &Dice,
    ) -> Result<Option<Item>, Trouble> {
        if self.object == Object::Faq {
            drop(turn);
            return self.faq(key, anew, dice).await;
        }
        // Get takes no FAQCATID of a category and no FOLLOWUPNUM: the rest is compared here.
        let asked = key.iter().copied();
        let asked = asked.filter(|(tag, value)| can_be_asked(self.object, &[], tag, value));
        let items = self.crm.look(turn, self.object, asked).await?;
        let is_it = |item: &Item| key.iter().all(|(tag, value)| item.value(tag) == Some(*value));
        Ok(items.into_iter().find(is_it))
    }

    /// FAQs are found by their category only (ruling FAQ_GET_TAGS).
    async fn faq(
        &self,
        key: &[(&str, &str)],
        anew: bool,
        dice: &Dice,
    ) -> Result<Option<Item>, Trouble> {
        let number = key.iter().find(|(tag, _)| *tag == "FAQID").map_or("", |(_, value)| value);
        if anew {
            return Ok(self.all_faqs(dice).await?.remove(number));
        }
        let faqs = self.faqs.get_or_try_init(|| self.all_faqs(dice)).await?;
        Ok(faqs.get(number).cloned())
    }

    async fn all_faqs(&self, dice: &Dice) -> Result<BTreeMap<String, Item>, Trouble> {
        let categories = self.crm.values("FAQCATID", TenantValues::FaqCategories, dice).await?;
        let mut faqs = BTreeMap::new();
        for category in categories.into_iter().flatten() {
            let tags = [("FAQCATID", category.as_str())];
            for item in self.crm.ask(Object::Faq, "GET", "FAQ", &tags, dice).await? {
                if let Some(number) = item.value("FAQID") {
                    faqs.insert(number.to_owned(), item);
                }
            }
        }
        Ok(faqs)
    }
}
