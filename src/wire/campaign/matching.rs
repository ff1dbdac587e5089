//! Which item of a reply answers which row of the batch.

use std::collections::HashMap;

use super::decode::{CustomerId, Item};

/// The item that answers a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemFor {
    /// The item with this index.
    Item(usize),
    /// None: whether the row was applied is in doubt.
    Missing,
    /// Several that disagree: in doubt, too.
    Contradiction,
}

/// One answer per row, and what was left over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// One entry per row sent, in the order sent.
    pub rows: Vec<ItemFor>,
    /// Items that answer no row sent.
    pub anomalies: usize,
}

/// Matches items to rows by `customer-id`, and those without one by position (ruling
/// CAMPAIGN_EXTRA_ITEMS). Where position cannot be trusted a row stays without an item.
pub fn match_items(sent: &[i64], items: &[Item<'_>]) -> Matched {
    if all_in_place(sent, items) {
        return Matched { rows: (0..sent.len()).map(ItemFor::Item).collect(), anomalies: 0 };
    }
    let mut matching = Matching::by_id(sent, items);
    matching.place_nulls();
    Matched { rows: matching.rows, anomalies: matching.anomalies }
}

/// The usual reply: "one response per request record, in order".
fn all_in_place(sent: &[i64], items: &[Item<'_>]) -> bool {
    sent.len() == items.len() && sent.iter().zip(items).all(|(id, item)| is_or_may_be(item, *id))
}

fn is_or_may_be(item: &Item<'_>, id: i64) -> bool {
    matches!(item.customer, CustomerId::Null) || item.customer == CustomerId::Number(id)
}

struct Matching<'a> {
    items: &'a [Item<'a>],
    rows: Vec<ItemFor>,
    nulls: Vec<usize>,
    anomalies: usize,
}

impl<'a> Matching<'a> {
    fn by_id(sent: &[i64], items: &'a [Item<'a>]) -> Self {
        // For each customer the rows that ask and the items that answer.
        let mut customers: HashMap<i64, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (row, id) in sent.iter().enumerate() {
            customers.entry(*id).or_default().0.push(row);
        }
        let (mut nulls, mut anomalies) = (Vec::new(), 0);
        for (index, item) in items.iter().enumerate() {
            match item.customer {
                CustomerId::Null => nulls.push(index),
                CustomerId::Unreadable => anomalies += 1,
                CustomerId::Number(id) => match customers.get_mut(&id) {
                    Some((_, answers)) => answers.push(index),
                    None => anomalies += 1,
                },
            }
        }
        let mut rows = vec![ItemFor::Missing; sent.len()];
        for (asked, answers) in customers.into_values() {
            for (nth, row) in asked.iter().enumerate() {
                rows[*row] = answer_of(nth, asked.len(), &answers, items);
            }
        }
        Matching { items, rows, nulls, anomalies }
    }

    /// Gives the items without an id to rows without an item, where it is certain which is whose:
    /// as many of them as rows, and moved by nobody or all the same. Else the rows are in doubt.
    fn place_nulls(&mut self) {
        let open: Vec<usize> =
            (0..self.rows.len()).filter(|row| self.rows[*row] == ItemFor::Missing).collect();
        let nulls = std::mem::take(&mut self.nulls);
        if open.len() == nulls.len()
            && (self.all_say_the_same(&nulls) || self.known_items_are_in_order())
        {
            for (row, index) in open.into_iter().zip(nulls) {
                self.rows[row] = ItemFor::Item(index);
            }
        } else {
            self.anomalies += nulls.len();
        }
    }

    /// Whether each answered row has as many items without an id before it as rows without an
    /// item, and the answered rows are in the order of their items: then nothing was moved.
    fn known_items_are_in_order(&self) -> bool {
        let known = self.rows.iter().filter_map(|item| match item {
            ItemFor::Item(index) => Some(*index),
            _ => None,
        });
        let mut open_before = 0;
        let in_step = self.rows.iter().all(|item| match item {
            ItemFor::Item(index) => {
                let nulls = self.items[..*index]
                    .iter()
                    .filter(|item| item.customer == CustomerId::Null)
                    .count();
                nulls == open_before
            }
            _ => {
                open_before += 1;
                true
            }
        });
        in_step && known.is_sorted()
    }

    fn all_say_the_same(&self, indices: &[usize]) -> bool {
        indices.windows(2).all(|pair| say_the_same(&self.items[pair[0]], &self.items[pair[1]]))
    }
}

/// The item for the `nth` of `asked` rows of one customer.
fn answer_of(nth: usize, asked: usize, answers: &[usize], items: &[Item<'_>]) -> ItemFor {
    let agree = answers.windows(2).all(|pair| say_the_same(&items[pair[0]], &items[pair[1]]));
    match answers {
        [] => ItemFor::Missing,
        // The same customer sent twice is answered twice, in order.
        _ if answers.len() == asked => ItemFor::Item(answers[nth]),
        [first, ..] if agree && asked == 1 => ItemFor::Item(*first),
        _ => ItemFor::Contradiction,
    }
}

fn say_the_same(one: &Item<'_>, other: &Item<'_>) -> bool {
    one.status == other.status && one.message == other.message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn item(customer: Option<i64>, status: u16) -> Item<'static> {
        let customer = customer.map_or(CustomerId::Null, CustomerId::Number);
        Item { customer, status, message: "".into() }
    }

    fn matched(sent: &[i64], items: &[(Option<i64>, u16)]) -> (Vec<ItemFor>, usize) {
        let items: Vec<_> = items.iter().map(|(id, status)| item(*id, *status)).collect();
        let Matched { rows, anomalies } = match_items(sent, &items);
        (rows, anomalies)
    }

    use ItemFor::{Contradiction, Item as At, Missing};

    #[test]
    fn items_in_another_order_find_their_rows() {
        assert_eq!(
            matched(&[1, 2, 3], &[(Some(3), 200), (Some(1), 200), (Some(2), 400)]),
            (vec![At(1), At(2), At(0)], 0)
        );
    }

    #[test]
    fn a_null_answers_the_row_in_whose_place_it_stands() {
        assert_eq!(
            matched(&[1, 2, 3], &[(Some(1), 200), (None, 400), (Some(3), 200)]),
            (vec![At(0), At(1), At(2)], 0)
        );
        // An item of another customer makes every place uncertain.
        assert_eq!(
            matched(&[1, 2, 3], &[(Some(1), 200), (None, 400), (Some(99), 200)]),
            (vec![At(0), Missing, Missing], 2)
        );
    }

    #[test]
    fn nulls_out_of_place_answer_the_rows_left_only_where_that_is_certain() {
        // As many as rows are left, and all say the same.
        assert_eq!(
            matched(&[1, 2, 3], &[(None, 400), (None, 400), (Some(1), 200)]),
            (vec![At(2), At(0), At(1)], 0)
        );
        // They say different things and the order is broken.
        assert_eq!(
            matched(&[1, 2, 3], &[(None, 400), (None, 404), (Some(1), 200)]),
            (vec![At(2), Missing, Missing], 2)
        );
        // A stranger at the end does not break the order.
        assert_eq!(
            matched(&[1, 2, 3], &[(Some(1), 200), (None, 400), (None, 404), (Some(9), 200)]),
            (vec![At(0), At(1), At(2)], 1)
        );
        // Fewer nulls than rows left.
        assert_eq!(
            matched(&[1, 2, 3], &[(Some(2), 200), (None, 400)]),
            (vec![Missing, At(0), Missing], 1)
        );
    }

    #[test]
    fn a_row_without_an_item_has_no_answer() {
        assert_eq!(matched(&[1, 2], &[(Some(2), 200)]), (vec![Missing, At(0)], 0));
        assert_eq!(matched(&[1, 2], &[]), (vec![Missing, Missing], 0));
    }

    #[test]
    fn items_that_disagree_answer_nothing() {
        assert_eq!(
            matched(&[1, 2], &[(Some(1), 200), (Some(1), 400), (Some(2), 200)]),
            (vec![Contradiction, At(2)], 0)
        );
        assert_eq!(
            matched(&[1, 2], &[(Some(1), 200), (Some(1), 200), (Some(2), 200)]),
            (vec![At(0), At(2)], 0)
        );
    }

    #[test]
    fn a_customer_sent_twice_is_answered_twice() {
        assert_eq!(
            matched(&[5, 6, 5], &[(Some(5), 200), (Some(5), 400), (Some(6), 200)]),
            (vec![At(0), At(2), At(1)], 0)
        );
        assert_eq!(
            matched(&[5, 6, 5], &[(Some(5), 200), (Some(6), 200)]),
            (vec![Contradiction, At(1), Contradiction], 0)
        );
    }

    /// A reply made from the rows sent, and for each item the row it truly answers.
    #[derive(Debug)]
    struct Reply {
        sent: Vec<i64>,
        items: Vec<Item<'static>>,
        truth: Vec<Option<usize>>,
        shuffled: bool,
    }

    fn replies() -> impl Strategy<Value = Reply> {
        let rows = proptest::collection::vec((0..4_u8, 0..3_u16), 1..12).prop_shuffle();
        let order = proptest::collection::vec(any::<u32>(), 24);
        (rows, order, any::<bool>()).prop_map(|(rows, order, shuffled)| {
            let mut told = Vec::new();
            for (row, (kind, status)) in rows.iter().enumerate() {
                let id = 100 + row as i64;
                match kind {
                    0 => {}
                    1 => told.push((item(None, 400 + status), Some(row))),
                    2 => told.push((item(Some(id), 200 + status), Some(row))),
                    _ => told.extend([
                        (item(Some(id), 200 + status), Some(row)),
                        (item(Some(id), 200), Some(row)),
                        (item(Some(id + 1000), 200), None),
                    ]),
                }
            }
            let mut places: Vec<usize> = (0..told.len()).collect();
            if shuffled {
                places.sort_by_key(|place| order.get(*place).copied().unwrap_or(0));
            }
            let (items, truth) = places.iter().map(|place| told[*place].clone()).unzip();
            Reply {
                sent: (0..rows.len() as i64).map(|row| 100 + row).collect(),
                items,
                truth,
                shuffled,
            }
        })
    }

    proptest! {
        #[test]
        fn each_row_has_one_answer_and_none_is_anothers(reply in replies()) {
            let Matched { rows, .. } = match_items(&reply.sent, &reply.items);
            prop_assert_eq!(rows.len(), reply.sent.len());
            for (row, answer) in rows.iter().enumerate() {
                let ItemFor::Item(index) = answer else { continue };
                match reply.items[*index].customer {
                    CustomerId::Number(id) => prop_assert_eq!(id, reply.sent[row]),
                    // Of a reply whose order is broken nobody can tell.
                    _ => prop_assert!(reply.shuffled || reply.truth[*index] == Some(row)),
                }
            }
            // No item answers two rows, but where several rows are one customer.
            let mut used: Vec<_> = rows.iter().filter_map(|r| match r { At(i) => Some(i), _ => None }).collect();
            let count = used.len();
            used.sort();
            used.dedup();
            prop_assert_eq!(used.len(), count);
        }

        #[test]
        fn an_ordered_reply_of_ids_and_nulls_is_matched_to_the_truth(
            kinds in proptest::collection::vec(any::<bool>(), 1..30)
        ) {
            let sent: Vec<i64> = (0..kinds.len() as i64).collect();
            let items: Vec<_> = kinds.iter().zip(&sent)
                .map(|(known, id)| item(known.then_some(*id), 400)).collect();
            let Matched { rows, anomalies } = match_items(&sent, &items);
            prop_assert_eq!(anomalies, 0);
            prop_assert_eq!(rows, (0..sent.len()).map(At).collect::<Vec<_>>());
        }
    }
}
