//! Presses and drags of the mouse as the window uses them. It reads the events of a pass, because egui's own state of a
//! press is gone when a button is pressed and released within one pass. It draws nothing.

use egui::{Event, InputState, Modifiers, PointerButton, Pos2, Response, Ui};

/// Way in points that the pointer must move while the button is down before something is dragged. A hand moves a few
/// points during a click.
pub(crate) const DRAG_WAY: f32 = 6.0;

/// Press of a mouse button in this pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Press {
    pub(crate) at: Pos2,
    pub(crate) button: PointerButton,
    pub(crate) modifiers: Modifiers,
}

/// Returns the presses of this pass in the layer of `ui`, in order. A press on a menu or a sheet above it is left out.
pub(crate) fn presses(ui: &Ui) -> Vec<Press> {
    let press = |event: &Event| match *event {
        Event::PointerButton {
            pos: at,
            button,
            pressed: true,
            modifiers,
        } => Some(Press {
            at,
            button,
            modifiers,
        }),
        _ => None,
    };
    let mut presses: Vec<Press> = ui.input(|input| input.events.iter().filter_map(press).collect());
    presses.retain(|press| ui.ctx().layer_id_at(press.at) == Some(ui.layer_id()));
    presses
}

/// Returns true while the widget is dragged with the primary button, from the point where the pointer has moved far
/// enough. A button that is only held down drags nothing, however long.
pub(crate) fn is_dragged_away(response: &Response) -> bool {
    let origin = response.ctx.input(|input| input.pointer.press_origin());
    response.dragged_by(PointerButton::Primary)
        && origin
            .zip(response.interact_pointer_pos())
            .is_some_and(|(from, to)| from.distance(to) > DRAG_WAY)
}

/// Lets a button act however long it was held down. egui waits for 0.8 s only, because a finger that stays on a touch
/// screen opens a context menu; so does it here.
pub(crate) fn accept_long_clicks(ui: &Ui) {
    const LONG_TOUCH_SECONDS: f64 = 0.8;
    let longest = if ui.input(InputState::any_touches) {
        LONG_TOUCH_SECONDS
    } else {
        f64::INFINITY
    };
    let set = |options: &mut egui::Options| options.input_options.max_click_duration = longest;
    ui.ctx().options_mut(set);
}
