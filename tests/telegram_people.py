"""People with phones, and groups: what they do becomes updates; what the bot sends is what they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.telegram import Telegram

Json = dict[str, Any]


class Group:
    """A group the bot was added to."""

    def __init__(self, id: int, title: str) -> None:
        self.id = id
        self.as_chat: Json = {"id": id, "type": "supergroup", "title": title}
        self.heard: list[Json] = []

    def hears(self, message: Json, markup: Json | None) -> None:
        self.heard.append(message)


class Person:
    """Somebody with Telegram on their phone. What they do returns the update it became; it is sent by itself."""

    def __init__(self, telegram: Telegram, id: int, name: str, language: str) -> None:
        self.telegram = telegram
        self.id = id
        self.phone = f"2126{id % 10**8:08d}"  # Telegram gives it without a plus
        self.as_user: Json = {"id": id, "is_bot": False, "first_name": name, "language_code": language}
        self.as_chat: Json = {"id": id, "type": "private", "first_name": name}
        self.started = self.blocked = self.deleted = False
        self.heard: list[Json] = []  # what the bot sent, oldest first
        self._seen = 0
        self._typed: Json = {}  # the newest of their own texts
        self._keys: list[list[Any]] = []  # of the reply keyboard below the input field
        self._keys_of: Json = {}  # the message that brought them

    # what they see ------------------------------------------------------------------------------------------------------

    def hears(self, message: Json, markup: Json | None) -> None:
        self.heard.append(message)
        if markup is not None and "keyboard" in markup:
            self._keys, self._keys_of = markup["keyboard"], message
        elif markup is not None and "remove_keyboard" in markup:
            self._keys, self._keys_of = [], {}

    @property
    def texts(self) -> list[str]:
        return [str(message.get("text", message.get("caption", ""))) for message in self.heard]

    async def reads(self) -> str:
        """The next message they have not read. AssertionError if none comes."""
        await self.telegram.bell.until(
            lambda: len(self.heard) > self._seen, f"{self.as_user['first_name']} waits for a message"
        )
        self._seen += 1
        return self.texts[self._seen - 1]

    @property
    def unread(self) -> int:
        return len(self.heard) - self._seen

    @property
    def labels(self) -> list[str]:
        """What can be pressed: the keys below, then the buttons, newest message first."""
        below = [_label(key) for row in self._keys for key in row]
        return below + [str(button["text"]) for _message, button in self._buttons()]

    def _buttons(self) -> list[tuple[Json, Json]]:
        return [
            (message, button)
            for message in reversed(self.heard)
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
        ]

    # what they do -------------------------------------------------------------------------------------------------------

    def says(self, text: str, group: Group | None = None, *, reply_to: Json | None = None) -> Json:
        """Type a message, here or in a group; the bot hears in groups only what begins with a slash."""
        assert 0 < len(text.encode("utf-16-le")) // 2 <= 4096, "the app would cut this into several messages"
        content: Json = {"text": text}
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        if reply_to is not None:
            content["reply_to_message"] = {
                name: value for name, value in reply_to.items() if name != "reply_to_message"
            }
        update = self._sends(content, group)
        self._typed = update["message"]
        return update

    def presses(self, label: str) -> Json:
        """Press a key, or the newest button, with this label. AssertionError, with what there is, if nothing bears it."""
        for row in self._keys:
            for key in row:
                if _label(key) == label:
                    return (
                        self.shares_contact()
                        if isinstance(key, dict) and key.get("request_contact")
                        else self.says(label)
                    )
        for message, button in self._buttons():
            if button["text"] == label and "callback_data" in button:
                return self.forges(button["callback_data"], message)
        raise AssertionError(f"no button [{label}] among {self.labels[:12]}")

    def forges(self, data: str, message: Json | None = None, **more: Any) -> Json:
        """A press that carries these very data, whatever was offered; of the newest message if none is named."""
        id = f"{self.id}{self.telegram.number('press'):06d}"
        self.telegram.spinning[id] = self.telegram.now()
        press: Json = {"id": id, "from": self.as_user, "chat_instance": f"-{self.id}", "data": data}
        if message or self.heard:
            press["message"] = message or self.heard[-1]
        self.started = True
        return self.telegram.happens("callback_query", press | more, self.id)

    def edits(self, text: str) -> Json:
        """Edit the newest of their own texts."""
        self._typed = self._typed | {"text": text, "edit_date": int(self.telegram.now().timestamp())}
        return self.telegram.happens("edited_message", self._typed, self.id)

    def sends_document(
        self, name: str, content: bytes, *, size: int | None = None, caption: str = "", album: str = ""
    ) -> Json:
        """A document; `size` is for one whose bytes need not be there."""
        id = self.telegram.store(content, f".{name.rpartition('.')[2]}", size)
        document = {
            "file_id": id,
            "file_unique_id": f"unique-{id}",
            "file_name": name,
            "file_size": self.telegram.files[id].size,
        }
        return self._sends({"document": document} | _captioned(caption, album))

    def sends_photo(self, content: bytes, *, caption: str = "", album: str = "") -> Json:
        """A photo, in three sizes as the app makes them; the last is the one to take."""
        sizes: list[Json] = []
        for side, part in ((90, 0.02), (320, 0.2), (1280, 1.0)):
            id = self.telegram.store(content if part == 1 else content[:40], ".jpg")
            sizes.append(
                {
                    "file_id": id,
                    "file_unique_id": f"unique-{id}",
                    "width": side,
                    "height": side,
                    "file_size": self.telegram.files[id].size,
                }
            )
        return self._sends({"photo": sizes} | _captioned(caption, album))

    def sends_album(self, *documents: tuple[str, bytes]) -> list[Json]:
        """Several documents at once: separate updates that share a mark, none of which says that it is the last."""
        album = f"1398{self.telegram.number('album'):012d}"
        return [self.sends_document(name, content, album=album) for name, content in documents]

    def shares_contact(self) -> Json:
        """Press the key that shares their own number. AssertionError if the bot did not offer one."""
        offered = any(isinstance(key, dict) and key.get("request_contact") for row in self._keys for key in row)
        assert offered, "the bot offers no key to share the number"
        contact = {"phone_number": self.phone, "first_name": self.as_user["first_name"], "user_id": self.id}
        return self._sends({"contact": contact, "reply_to_message": self._keys_of})

    def sends_card(self, of: Person) -> Json:
        """The card of somebody, from their address book."""
        return self._sends(
            {"contact": {"phone_number": f"+{of.phone}", "first_name": of.as_user["first_name"], "user_id": of.id}}
        )

    def speaks(self) -> Json:
        """A voice message."""
        id = self.telegram.store(b"OggS", ".oga")
        return self._sends(
            {
                "voice": {
                    "file_id": id,
                    "file_unique_id": f"unique-{id}",
                    "duration": 3,
                    "mime_type": "audio/ogg",
                    "file_size": 4,
                }
            }
        )

    def sends_sticker(self) -> Json:
        id = self.telegram.store(b"RIFF", ".webp")
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "👍"}
        return self._sends({"sticker": {"file_id": id, "file_unique_id": f"unique-{id}", "file_size": 4, **shape}})

    def sends_place(self) -> Json:
        return self._sends({"location": {"latitude": 34.6867, "longitude": -1.9114}})

    def sends(self, content: Json) -> Json:
        """Anything else a message may hold."""
        return self._sends(content)

    def blocks(self) -> Json:
        self.blocked = True
        return self._moves("member", "kicked")

    def unblocks(self) -> Json:
        self.blocked = False
        return self._moves("kicked", "member")

    def _sends(self, content: Json, group: Group | None = None) -> Json:
        if group is None:
            self.started = True
        chat = self.as_chat if group is None else group.as_chat
        stamp = int(self.telegram.now().timestamp())
        message = {
            "message_id": self.telegram.number("message"),
            "from": self.as_user,
            "chat": chat,
            "date": stamp,
            **content,
        }
        return self.telegram.happens("message", message, chat["id"])

    def _moves(self, before: str, after: str) -> Json:
        def member(status: str) -> Json:
            return {"status": status, "user": self.telegram.bot} | ({"until_date": 0} if status == "kicked" else {})

        moved = {"chat": self.as_chat, "from": self.as_user, "date": int(self.telegram.now().timestamp())}
        return self.telegram.happens(
            "my_chat_member", moved | {"old_chat_member": member(before), "new_chat_member": member(after)}, self.id
        )


def _label(key: Any) -> str:
    return str(key["text"] if isinstance(key, dict) else key)


def _captioned(caption: str, album: str) -> Json:
    return ({"caption": caption} if caption else {}) | ({"media_group_id": album} if album else {})
