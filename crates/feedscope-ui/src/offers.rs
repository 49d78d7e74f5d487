//! Fields that menus and empty parts offer. A feed is read once for them, and not in each pass, so that the entries also
//! stay in place under the pointer.

use std::sync::Arc;

use egui::{Id, Order, Ui};

/// Age in seconds from which offers of a part are read again, because a feed may change.
const OLD: f64 = 2.0;

/// Offers of one menu.
struct KeptOffers<T> {
    offers: Arc<T>,
    read_at: f64,
    /// Pass in which they were shown last.
    shown_in: u64,
}

// The derived form would need offers that can be copied.
impl<T> Clone for KeptOffers<T> {
    fn clone(&self) -> Self {
        Self {
            offers: Arc::clone(&self.offers),
            ..*self
        }
    }
}

/// Returns the offers of a menu or of an empty part. They are read when it opens. In a menu, they stay until it closes, so
/// that no press reaches another entry; in a part, they are read again from time to time while the pointer is not in it.
/// Without any offers, both are read again.
pub(crate) fn kept<T>(ui: &Ui, id: Id, read: impl FnOnce() -> T) -> Arc<T>
where
    T: Default + PartialEq + Send + Sync + 'static,
{
    let id = id.with("offers");
    let now = ui.input(|input| input.time);
    let pass = ui.ctx().cumulative_pass_nr();
    let is_menu = ui.layer_id().order >= Order::Foreground;
    let stays = is_menu || ui.rect_contains_pointer(ui.max_rect());
    let is_current = |kept: &KeptOffers<T>| {
        let is_open = kept.shown_in + 1 >= pass;
        let is_new = now - kept.read_at < OLD;
        is_open && (is_new || (stays && *kept.offers != T::default()))
    };
    let kept = ui.data(|data| data.get_temp::<KeptOffers<T>>(id));
    let (offers, read_at) = match kept.filter(is_current) {
        Some(kept) => (kept.offers, kept.read_at),
        None => (Arc::new(read()), now),
    };
    let kept = KeptOffers {
        offers: Arc::clone(&offers),
        read_at,
        shown_in: pass,
    };
    ui.data_mut(|data| data.insert_temp(id, kept));
    offers
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use egui::{Area, Context, Order, RawInput};

    use super::*;

    #[test]
    fn a_feed_is_read_when_a_menu_opens() {
        let ctx = Context::default();
        let reads = Cell::new(0);
        let pass = |time: f64, is_open: bool| {
            let input = RawInput {
                time: Some(time),
                ..RawInput::default()
            };
            ctx.run_ui(input, |ui| {
                if is_open {
                    let paths = kept(ui, Id::unique("menu"), || {
                        reads.set(reads.get() + 1);
                        vec![format!(".field{}", reads.get())]
                    });
                    assert_eq!(paths[0], format!(".field{}", reads.get()));
                }
            })
            .drop_without_applying_deltas();
            reads.get()
        };
        assert_eq!(pass(0.0, true), 1);
        assert_eq!(pass(0.1, true), 1);
        assert_eq!(pass(0.2, false), 1);
        // It was closed in between.
        assert_eq!(pass(0.3, true), 2);
        assert_eq!(pass(1.0, true), 2);
        assert_eq!(pass(2.4, true), 3);
    }

    #[test]
    fn the_entries_of_an_open_menu_stay() {
        let ctx = Context::default();
        let mut reads = 0;
        // The first reading finds nothing.
        for (time, known) in [(0.0, 1), (2.5, 2), (5.0, 2), (9.0, 2)] {
            let input = RawInput {
                time: Some(time),
                ..RawInput::default()
            };
            let output = ctx.run_ui(input, |ui| {
                let menu = Area::new(Id::unique("menu")).order(Order::Foreground);
                menu.show(ui.ctx(), |ui| {
                    kept(ui, Id::unique("entries"), || {
                        reads += 1;
                        vec![reads; reads - 1]
                    });
                });
            });
            output.drop_without_applying_deltas();
            assert_eq!(reads, known, "{time}");
        }
    }
}
