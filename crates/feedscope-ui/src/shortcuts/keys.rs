//! Keys of the shortcuts: the usual ones, and those that the settings replace. Their names are written and read as
//! `Ctrl Shift P`.

use std::sync::{Arc, LazyLock};

use egui::{Event, Id, Key, KeyboardShortcut, Modifiers, Ui};

use super::Shortcut;
use super::list::{LIST, Listed};

/// Keys of every shortcut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyMap {
    /// Keys of each entry of [`LIST`], in its order.
    keys: Vec<Vec<KeyboardShortcut>>,
}

impl Default for KeyMap {
    fn default() -> Self {
        let usual = |listed: &Listed| listed.keys.to_vec();
        Self {
            keys: LIST.iter().map(usual).collect(),
        }
    }
}

impl KeyMap {
    /// Replaces the keys of a shortcut by those with these names. An empty list leaves it without keys.
    ///
    /// # Errors
    ///
    /// Fails with a sentence if there is no such shortcut, or if a name is no key.
    pub(crate) fn replace(&mut self, name: &str, keys: &[String]) -> Result<(), String> {
        let at = LIST.iter().position(|listed| listed.id == name);
        let at = at.ok_or_else(|| format!("There is no command `{name}` to give a key to."))?;
        let parsed = keys.iter().map(|key| {
            parsed(key).ok_or_else(|| {
                format!(
                    "`{key}` is not a key for `{name}`. Keys look like \"Ctrl Shift P\" or \"F5\"."
                )
            })
        });
        let parsed = parsed.collect::<Result<Vec<_>, _>>()?;
        // A key has one effect, so that the new owner takes it from the former one.
        for others in &mut self.keys {
            others.retain(|key| !parsed.contains(key));
        }
        self.keys[at] = parsed;
        Ok(())
    }

    /// Returns the keys that apply in this window.
    pub(crate) fn of(ui: &Ui) -> Arc<Self> {
        static USUAL: LazyLock<Arc<KeyMap>> = LazyLock::new(Arc::default);
        let kept = ui.data(|data| data.get_temp::<Arc<Self>>(Id::NULL));
        kept.unwrap_or_else(|| Arc::clone(&USUAL))
    }

    /// Makes these keys apply in the window.
    pub(crate) fn apply(self: &Arc<Self>, ui: &Ui) {
        ui.data_mut(|data| data.insert_temp(Id::NULL, Arc::clone(self)));
    }

    /// Returns the shortcuts with their keys, those with the most modifiers first, because an additional Shift is
    /// ignored.
    pub(super) fn by_modifiers(&self) -> Vec<(&'static Listed, KeyboardShortcut)> {
        let count = |keys: &KeyboardShortcut| {
            let Modifiers {
                alt,
                shift,
                command,
                ..
            } = keys.modifiers;
            u8::from(alt) + u8::from(shift) + u8::from(command)
        };
        let with_keys = LIST.iter().zip(&self.keys);
        let mut all: Vec<_> = with_keys
            .flat_map(|(listed, keys)| keys.iter().map(move |keys| (listed, *keys)))
            .collect();
        // The sort keeps the order of the list among keys with equally many modifiers.
        all.sort_by_key(|(_, keys)| std::cmp::Reverse(count(keys)));
        all
    }

    /// Returns the keys of an entry of [`LIST`].
    pub(crate) fn keys_at(&self, at: usize) -> &[KeyboardShortcut] {
        &self.keys[at]
    }

    /// Returns true if a shortcut has this key.
    pub(super) fn has(&self, shortcut: Shortcut, modifiers: Modifiers, key: Key) -> bool {
        let at = LIST.iter().position(|listed| listed.shortcut == shortcut);
        let keys = KeyboardShortcut::new(modifiers, key);
        at.is_some_and(|at| self.keys[at].contains(&keys))
    }

    /// Returns the name of the first key of a shortcut; an empty text if it has none.
    pub(crate) fn name(&self, shortcut: Shortcut) -> String {
        let first = self.first(shortcut);
        first.map_or_else(String::new, |keys| joined(&[keys]))
    }

    /// Returns the first key of a shortcut.
    pub(crate) fn first(&self, shortcut: Shortcut) -> Option<KeyboardShortcut> {
        let at = LIST.iter().position(|listed| listed.shortcut == shortcut)?;
        self.keys[at].first().copied()
    }
}

/// Returns the name of the first key of a shortcut, for a menu.
pub(crate) fn key_name(ui: &Ui, shortcut: Shortcut) -> String {
    KeyMap::of(ui).name(shortcut)
}

/// Returns a text with the key of a shortcut in parentheses, for a tooltip.
pub(crate) fn with_key(ui: &Ui, text: &str, shortcut: Shortcut) -> String {
    match key_name(ui, shortcut) {
        key if key.is_empty() => text.to_owned(),
        key => format!("{text} ({key})"),
    }
}

/// Takes keys from the input. Returns true if they were pressed.
pub(super) fn pressed(ui: &Ui, keys: KeyboardShortcut) -> bool {
    let KeyboardShortcut {
        modifiers,
        logical_key,
    } = keys;
    if modifiers.any() {
        return ui.input_mut(|input| input.consume_key(modifiers, logical_key));
    }
    // A sign may need Shift on some keyboards, so that its text decides and not its key.
    let sign = logical_key.symbol_or_name();
    if sign.len() == 1 && !sign.as_bytes()[0].is_ascii_alphanumeric() {
        return taken(
            ui,
            |event| matches!(event, Event::Text(text) if text == sign),
        );
    }
    let is_key = |event: &Event| match event {
        Event::Key {
            key,
            pressed,
            modifiers,
            ..
        } => *pressed && *key == logical_key && modifiers.is_none(),
        _ => false,
    };
    let is_pressed = taken(ui, is_key);
    if is_pressed && sign.len() == 1 {
        // The letter must not be typed into a field that opens by it.
        taken(
            ui,
            |event| matches!(event, Event::Text(text) if text.eq_ignore_ascii_case(sign)),
        );
    }
    is_pressed
}

/// Removes events from the input. Returns true if there was one.
fn taken(ui: &Ui, is_meant: impl Fn(&Event) -> bool) -> bool {
    ui.input_mut(|input| {
        let count = input.events.len();
        input.events.retain(|event| !is_meant(event));
        input.events.len() < count
    })
}

/// Returns true for keys that a focused button or tree uses itself. Space presses a button, and P plots a value.
pub(super) fn operates_widget(keys: KeyboardShortcut) -> bool {
    use Key::{
        ArrowDown, ArrowLeft, ArrowRight, ArrowUp, End, Enter, Home, P, PageDown, PageUp, Space,
    };
    keys.modifiers.is_none()
        && matches!(
            keys.logical_key,
            Space
                | Enter
                | P
                | ArrowLeft
                | ArrowRight
                | ArrowUp
                | ArrowDown
                | Home
                | End
                | PageUp
                | PageDown
        )
}

/// Returns true for keys that write or edit text in a text field, or move its cursor.
pub(super) fn edits_text(keys: KeyboardShortcut) -> bool {
    use Key::{
        A, ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Backspace, C, Delete, End, H, Home, U, V, W,
        X, Y, Z,
    };
    let KeyboardShortcut {
        modifiers,
        logical_key,
    } = keys;
    let is_arrow = matches!(logical_key, ArrowLeft | ArrowRight | ArrowUp | ArrowDown);
    if modifiers.command {
        let edits = matches!(
            logical_key,
            A | C | H | U | V | W | X | Y | Z | Backspace | Delete | Home | End
        );
        // Letters with Shift are free, except for Ctrl Shift Z.
        return is_arrow || (edits && (!modifiers.shift || logical_key == Z));
    }
    if modifiers.alt {
        return is_arrow && !modifiers.shift;
    }
    let is_function = |name: &str| name.starts_with('F') && name.len() > 1;
    !is_function(logical_key.name()) && logical_key != Key::Menu
}

/// Returns true if keys were pressed that nothing else needs. They are taken from the input.
pub(crate) fn take(ui: &Ui, keys: KeyboardShortcut) -> bool {
    let needed_for_text = is_writing(ui) && edits_text(keys);
    let needed_by_widget = ui.ctx().egui_wants_keyboard_input() && operates_widget(keys);
    !needed_for_text && !needed_by_widget && pressed(ui, keys)
}

/// Returns the keys with a name; `None` if the name has another form.
pub(crate) fn parsed(name: &str) -> Option<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    let mut words: Vec<&str> = name.split_whitespace().collect();
    // `Ctrl+Shift+P` is usual, too.
    if let [joined] = words[..]
        && joined.len() > 1
    {
        words = joined.split('+').collect();
    }
    let key = words.pop()?;
    // All words before the last one are modifiers.
    for modifier in words {
        modifiers |= match modifier.to_ascii_lowercase().as_str() {
            "ctrl" | "control" | "cmd" | "command" => Modifiers::COMMAND,
            "shift" => Modifiers::SHIFT,
            "alt" | "option" => Modifiers::ALT,
            _ => return None,
        };
    }
    let key = match key {
        "←" => Key::ArrowLeft,
        "→" => Key::ArrowRight,
        "↑" => Key::ArrowUp,
        "↓" => Key::ArrowDown,
        _ => Key::from_name(key).or_else(|| Key::from_name(&key.to_ascii_uppercase()))?,
    };
    Some(KeyboardShortcut::new(modifiers, key))
}

/// Returns the names of keys. Modifiers that the next key shares are written once: `Alt ← → ↑ ↓`.
pub(crate) fn joined(keys: &[KeyboardShortcut]) -> String {
    let mut text = String::new();
    let mut before = None;
    for keys in keys {
        let KeyboardShortcut {
            modifiers,
            logical_key,
        } = *keys;
        let is_shared = modifiers.any() && before == Some(modifiers);
        if before.is_some() {
            text.push_str(if is_shared { " " } else { ", " });
        }
        before = Some(modifiers);
        let held = [
            (modifiers.command, "Ctrl "),
            (modifiers.alt, "Alt "),
            (modifiers.shift, "Shift "),
        ];
        for (is_held, name) in held {
            if is_held && !is_shared {
                text.push_str(name);
            }
        }
        text.push_str(match logical_key {
            Key::ArrowLeft => "←",
            Key::ArrowRight => "→",
            Key::ArrowUp => "↑",
            Key::ArrowDown => "↓",
            Key::PageUp => "Page Up",
            Key::PageDown => "Page Down",
            Key::Escape => "Esc",
            Key::Minus => "-",
            key => key.symbol_or_name(),
        });
    }
    text
}

/// Notes that a widget with the focus copies its own content.
pub(crate) fn note_own_copy(ui: &Ui, widget: Id) {
    ui.data_mut(|data| data.insert_temp(own_copy_id(), widget));
}

/// Returns true if the widget with the focus copies its own content: a text field, a tree or a text.
pub(super) fn has_own_copy(ui: &Ui) -> bool {
    let focused = ui.memory(egui::Memory::focused);
    let own = ui.data(|data| data.get_temp(own_copy_id()));
    is_writing(ui) || (focused.is_some() && focused == own)
}

/// Returns the key of the widget that copied its own content last.
fn own_copy_id() -> Id {
    Id::unique("widget with an own copy")
}

/// Returns true if the keys belong to a text field. A field that has just received the focus counts before it is drawn.
pub(crate) fn is_writing(ui: &Ui) -> bool {
    let ctx = ui.ctx();
    let focused = ctx.memory(egui::Memory::focused);
    focused.is_some_and(|id| ctx.text_edit_focused() || ctx.read_response(id).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<KeyboardShortcut> {
        names.iter().map(|name| parsed(name).unwrap()).collect()
    }

    #[test]
    fn names_of_keys_are_read_as_they_are_written() {
        for name in [
            "Ctrl Shift P",
            "F1",
            "/",
            "T",
            "Alt ←",
            "Ctrl ,",
            "Ctrl \\",
            "Shift F10",
            "Menu",
            "Ctrl -",
            "Page Up",
        ] {
            let keys = parsed(&name.replace("Page Up", "PageUp")).unwrap();
            assert_eq!(joined(&[keys]), name);
        }
        assert_eq!(parsed("ctrl+shift+p"), parsed("Ctrl Shift P"));
        assert_eq!(
            parsed("+"),
            Some(KeyboardShortcut::new(Modifiers::NONE, Key::Plus))
        );
        for name in ["", "Ctrl", "Hyper P", "Ctrl Shift", "Ctrl Nothing"] {
            assert_eq!(parsed(name), None, "{name}");
        }
    }

    #[test]
    fn shared_modifiers_are_written_once() {
        let joined = |names: &[&str]| joined(&named(names));
        assert_eq!(joined(&["Alt ←", "Alt →"]), "Alt ← →");
        assert_eq!(joined(&["F3", "Shift F3"]), "F3, Shift F3");
        assert_eq!(joined(&["/", "Ctrl Shift F"]), "/, Ctrl Shift F");
        assert_eq!(joined(&[]), "");
    }

    #[test]
    fn a_key_has_one_effect() {
        let mut map = KeyMap::default();
        map.replace("pause", &["Ctrl T".to_owned()]).unwrap();
        assert_eq!(
            map.name(Shortcut::View(super::super::ViewShortcut::Pause)),
            "Ctrl T"
        );
        assert_eq!(map.name(Shortcut::SwitchTheme), "");
        map.replace("help", &[]).unwrap();
        assert_eq!(map.name(Shortcut::ToggleHelp), "");
        assert!(
            map.replace("nothing", &[])
                .unwrap_err()
                .contains("`nothing`")
        );
        let wrong = map.replace("help", &["Ctrl Everything".to_owned()]);
        assert!(wrong.unwrap_err().contains("`Ctrl Everything`"));
    }

    #[test]
    fn text_fields_keep_the_keys_that_edit() {
        for (name, edits) in [
            ("P", true),
            ("/", true),
            ("Ctrl W", true),
            ("Ctrl U", true),
            ("Alt ←", true),
            ("Ctrl Shift ←", true),
            ("Ctrl Shift Z", true),
            ("Enter", true),
            ("F1", false),
            ("Ctrl Shift P", false),
            ("Ctrl Shift F", false),
            ("Ctrl N", false),
            ("Alt Shift ←", false),
            ("Shift F10", false),
            ("Menu", false),
            ("Ctrl Shift T", false),
        ] {
            assert_eq!(edits_text(parsed(name).unwrap()), edits, "{name}");
        }
    }

    #[test]
    fn every_key_is_used_once_and_every_name_too() {
        let map = KeyMap::default();
        let all = map.by_modifiers();
        for (at, (listed, keys)) in all.iter().enumerate() {
            let other = all[..at].iter().find(|(_, other)| other == keys);
            assert!(other.is_none(), "{}: {}", listed.id, joined(&[*keys]));
        }
        for (at, listed) in LIST.iter().enumerate() {
            let same = |other: &&Listed| other.id == listed.id || other.shortcut == listed.shortcut;
            assert!(LIST[..at].iter().find(same).is_none(), "{}", listed.id);
        }
    }

    #[test]
    fn the_page_about_keys_names_every_command() {
        let page = include_str!("../../../../docs/keys.md");
        for listed in LIST {
            let row = format!("| `{}` |", listed.id);
            assert!(page.contains(&row), "docs/keys.md has no row {row}");
        }
    }
}
