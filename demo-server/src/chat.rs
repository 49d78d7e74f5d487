//! Feed `/chat`: rooms, their members and their last messages. This module pushes frames into outboxes and uses no
//! sockets.

mod bot;
mod notice;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use parking_lot::{Condvar, Mutex};
use tungstenite::Bytes;

use self::bot::Bot;
use self::notice::{ChatMessage, GuestMessage, Notice};
use crate::clock::Clock;
use crate::life::Life;
use crate::outbox::{Outbox, text_frame};

/// Room that always exists.
const LOBBY: &str = "lobby";

/// Name of the bot, which no guest may have.
const BOT: &str = "bot";

/// Limit for the number of rooms at one time.
const MOST_ROOMS: usize = 64;

/// Limits for the messages that a new member receives: their number, and the total length of their JSON in bytes.
const HISTORY: (usize, usize) = (50, 128 << 10);

/// Limit for the number of names that a new member receives.
const MOST_NAMES: usize = 50;

/// Length of the longest name of a guest or a room, in characters.
const LONGEST_NAME: usize = 24;

/// Chat server.
pub(crate) struct Chat {
    life: Arc<Life>,
    clock: Clock,
    state: Mutex<ChatState>,
    /// Notified when the bot must answer a message.
    asked: Condvar,
}

struct ChatState {
    rooms: BTreeMap<String, Room>,
    /// Number of guests so far.
    guests: u64,
    bot: Bot,
}

#[derive(Default)]
struct Room {
    members: Vec<Member>,
    recent: VecDeque<ChatMessage>,
    /// Number of the newest message.
    seq: u64,
}

struct Member {
    id: u64,
    name: String,
    outbox: Arc<Outbox>,
}

/// Member's place in the chat. It must be returned with [`Chat::leave`].
pub(crate) struct Guest {
    id: u64,
    room: String,
    outbox: Arc<Outbox>,
}

impl Chat {
    pub(crate) fn new(life: Arc<Life>, clock: Clock, seed: u64) -> Self {
        let mut lobby = Room::default();
        for (from, text) in [
            ("ada", "evening all"),
            ("grace", "hello ada, quiet night so far"),
            ("ada", "until somebody asks the bot for a joke"),
        ] {
            lobby.note(from, text);
        }
        Self {
            life,
            clock,
            state: Mutex::new(ChatState {
                rooms: BTreeMap::from([(LOBBY.to_owned(), lobby)]),
                guests: 0,
                bot: Bot::new(seed),
            }),
            asked: Condvar::new(),
        }
    }

    /// Checks the name of a room. An `Err` contains the reason for which it is not allowed.
    pub(crate) fn check_room(name: &str) -> Result<(), String> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(good) {
            return Err(format!(
                "a room's name is 1 to {LONGEST_NAME} letters, digits, - or _\n"
            ));
        }
        Ok(())
    }

    /// Adds a member, sends them the room and its last messages, and announces them to the others.
    ///
    /// A member without a name, or with a name that is taken, gets the name of a guest. If there are too many rooms,
    /// the member enters the lobby instead of a new room.
    pub(crate) fn enter(&self, room: &str, name: Option<&str>, outbox: &Arc<Outbox>) -> Guest {
        let mut state = self.state.lock();
        state.guests += 1;
        let id = state.guests;
        let name = name
            .and_then(|name| state.check_name(name).ok())
            .unwrap_or_else(|| format!("guest-{id}"));
        let mut guest = Guest {
            id,
            room: String::new(),
            outbox: Arc::clone(outbox),
        };
        state.seat(&mut guest, room, name);
        guest
    }

    pub(crate) fn leave(&self, guest: &Guest) {
        self.state.lock().unseat(guest);
    }

    /// Handles a text that a guest has sent.
    pub(crate) fn receive(&self, guest: &mut Guest, text: &str) {
        let said = GuestMessage::parse(text);
        let mut state = self.state.lock();
        // Many threads may have waited here while their connections ended.
        if guest.outbox.has_ended() {
            return;
        }
        match said {
            GuestMessage::Message(text) => {
                if state.post(guest, text.trim_end(), self.clock.now()) {
                    self.asked.notify_all();
                }
            }
            GuestMessage::Nick(name) => state.rename(guest, &name),
            GuestMessage::Room(room) => match Self::check_room(&room) {
                Ok(()) => {
                    // The member keeps the name, which nobody else can have taken in between.
                    if let Some(name) = state.unseat(guest) {
                        state.seat(guest, &room, name);
                    }
                }
                Err(reason) => guest.send(&Notice::Error {
                    text: reason.trim_end(),
                }),
            },
            GuestMessage::Who => state.send_members(guest),
            GuestMessage::Nothing => guest.send(&Notice::Error {
                text: "there was nothing in that message",
            }),
            GuestMessage::Unknown(what) => guest.send(&Notice::Error {
                text: &format!("nobody here knows what {what:?} means; try help"),
            }),
        }
    }

    /// Sends the bot's answers on time until the server ends. Runs on a separate thread, so that a busy chat delays
    /// nothing else.
    pub(crate) fn run_bot(&self) {
        let mut state = self.state.lock();
        while !self.life.is_stopping() {
            state.let_bot_speak(self.clock.now(), self.clock.wall());
            match state.bot.due() {
                Some(due) => {
                    self.clock.wait_until(&self.asked, &mut state, due);
                }
                None => self.asked.wait(&mut state),
            }
        }
    }

    /// Makes [`run_bot`](Self::run_bot) compare the clock with the due answers, and notice the end of the server.
    pub(crate) fn wake_bot(&self) {
        // While this holds the lock, the bot's thread is either waiting or has not read the clock yet.
        let _state = self.state.lock();
        self.asked.notify_all();
    }
}

impl Guest {
    /// Answers that binary messages are not accepted.
    pub(crate) fn refuse_binary(&self) {
        self.send(&Notice::Error {
            text: "this room takes text",
        });
    }

    fn send(&self, notice: &Notice<'_>) {
        self.outbox.push([frame(notice)]);
    }
}

impl ChatState {
    fn let_bot_speak(&mut self, now: Instant, wall: SystemTime) {
        while let Some(answer) = self.bot.next_answer(now, wall) {
            if let Some(room) = self.rooms.get_mut(&answer.room) {
                room.broadcast_line(BOT, &answer.text);
            }
        }
    }

    fn seat(&mut self, guest: &mut Guest, room: &str, name: String) {
        // A full server still allows existing rooms.
        let full = self.rooms.len() >= MOST_ROOMS && !self.rooms.contains_key(room);
        let room_name = if full { LOBBY } else { room };
        let room = self.rooms.entry(room_name.to_owned()).or_default();
        room_name.clone_into(&mut guest.room);
        room.broadcast(&Notice::Join {
            room: room_name,
            name: &name,
            online: room.online() + 1,
        });
        // The others learn of the member first, so that the member does not receive its own announcement.
        room.members.push(Member {
            id: guest.id,
            name,
            outbox: Arc::clone(&guest.outbox),
        });
        guest.send(&Notice::Welcome {
            room: room_name,
            you: &room.members[room.members.len() - 1].name,
            online: room.online(),
            members: room.names(),
        });
        guest.send(&Notice::History {
            room: room_name,
            messages: room.recent.iter().collect(),
        });
    }

    /// Removes a guest from the room and announces it. Returns the name that is free now.
    fn unseat(&mut self, guest: &Guest) -> Option<String> {
        let room = self.rooms.get_mut(&guest.room)?;
        let at = room.members.iter().position(|m| m.id == guest.id)?;
        let name = room.members.remove(at).name;
        room.broadcast(&Notice::Leave {
            room: &guest.room,
            name: &name,
            online: room.online(),
        });
        // An empty room is removed, so that its place is free for another one.
        if room.members.is_empty() && guest.room != LOBBY {
            self.rooms.remove(&guest.room);
        }
        Some(name)
    }

    /// Sends a message to all members of the room, including its sender. Returns true if the bot will answer.
    fn post(&mut self, guest: &Guest, text: &str, now: Instant) -> bool {
        let Some(room) = self.rooms.get_mut(&guest.room) else {
            return false;
        };
        let Some(from) = room.name_of(guest.id) else {
            return false;
        };
        room.broadcast_line(&from, text);
        self.bot.receive(now, &guest.room, &from, text)
    }

    fn rename(&mut self, guest: &Guest, wanted: &str) {
        let to = match self.check_name(wanted) {
            Ok(name) => name,
            Err(reason) => return guest.send(&Notice::Error { text: &reason }),
        };
        let Some(room) = self.rooms.get_mut(&guest.room) else {
            return;
        };
        if let Some(member) = room.members.iter_mut().find(|m| m.id == guest.id) {
            let from = std::mem::replace(&mut member.name, to.clone());
            room.broadcast(&Notice::Nick {
                from: &from,
                to: &to,
            });
        }
    }

    fn send_members(&self, guest: &Guest) {
        if let Some(room) = self.rooms.get(&guest.room) {
            guest.send(&Notice::Who {
                room: &guest.room,
                online: room.online(),
                members: room.names(),
            });
        }
    }

    /// Returns the name in its final form, if it is free. An `Err` contains the reason for which it is not allowed.
    fn check_name(&self, name: &str) -> Result<String, String> {
        let name = name.trim();
        let good = |c: char| !c.is_control() && !c.is_whitespace();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(good) {
            return Err(format!(
                "a name is 1 to {LONGEST_NAME} characters without spaces"
            ));
        }
        let same = |other: &str| other.to_lowercase() == name.to_lowercase();
        let mut members = self.rooms.values().flat_map(|room| &room.members);
        if same(BOT) || members.any(|member| same(&member.name)) {
            return Err(format!("the name {name} is taken"));
        }
        Ok(name.to_owned())
    }
}

impl Room {
    /// Returns the number of members, including the bot.
    fn online(&self) -> usize {
        self.members.len() + 1
    }

    fn names(&self) -> Vec<&str> {
        let members = self.members.iter().rev().map(|m| m.name.as_str());
        std::iter::once(BOT)
            .chain(members)
            .take(MOST_NAMES)
            .collect()
    }

    fn name_of(&self, id: u64) -> Option<String> {
        let member = self.members.iter().find(|m| m.id == id)?;
        Some(member.name.clone())
    }

    fn broadcast(&self, notice: &Notice<'_>) {
        let frame = frame(notice);
        for member in &self.members {
            member.outbox.push([frame.clone()]);
        }
    }

    fn broadcast_line(&mut self, from: &str, text: &str) {
        self.note(from, text);
        if let Some(line) = self.recent.back() {
            self.broadcast(&Notice::Message(line));
        }
    }

    /// Stores a message for new members, and removes the oldest ones.
    fn note(&mut self, from: &str, text: &str) {
        self.seq += 1;
        self.recent
            .push_back(ChatMessage::new(from, text, self.seq));
        let (most, most_bytes) = HISTORY;
        let mut bytes: usize = self.recent.iter().map(|line| line.json_bytes).sum();
        while self.recent.len() > most || bytes > most_bytes {
            bytes -= self
                .recent
                .pop_front()
                .map_or(bytes, |line| line.json_bytes);
        }
    }
}

fn frame(notice: &Notice<'_>) -> Bytes {
    let json = serde_json::to_string(notice).expect("numbers and text always make JSON");
    text_frame(&json)
}
