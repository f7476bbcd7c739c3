// The chat page. What is said goes up by POST, in order, and is kept until it has arrived; answers come down as
// server-sent events from the last one seen, so a reload, a locked phone or a lost network loses nothing.
"use strict";

const page = JSON.parse(document.body.dataset.page);  // {words: {language: {...}}, hub: {language: name}, largest: MB}
const [talk, typing, newest, note, form, text, files, attach, send, menu] =
  ["talk", "typing", "newest", "note", "form", "text", "files", "attach", "send", "menu"].map(id => document.getElementById(id));
const UNSENT = "mouwakib.unsent";
const LOCALES = {ar: "ar-MA-u-nu-latn", fr: "fr-MA", en: "en-GB"};
const LINK = /https?:\/\/[^\s<>"«»\u2066-\u2069]*[^\s<>"«».,;:!?()\u2066-\u2069]/g;

let language = (navigator.languages || []).map(one => one.slice(0, 2)).find(one => one in page.words) || "fr";
let last = 0;        // the newest message of ours that is shown
let day = "";        // the day of the newest message
let events = null;   // the stream they come by
let heardAt = 0;     // when the stream last gave a sign
let queue = [];      // what was said and has not arrived: {id, text, press, language, file, bubble}
let sending = false;
let tries = 0;
let again = 0;       // the timer of the next try

// words and language ---------------------------------------------------------------------------------------------

function word(name) { return page.words[language][name]; }

function speak(code) {
  if (code in page.words) language = code;
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  document.getElementById("hub").textContent = page.hub[language];
  document.getElementById("name").textContent = word("us");
  document.title = `${word("us")} · ${page.hub[language]}`;
  menu.textContent = word("menu");
  newest.textContent = `${word("newest")} ↓`;
  text.placeholder = word("write");
  text.setAttribute("aria-label", word("write"));
  talk.setAttribute("aria-label", word("talk"));
  typing.firstChild.textContent = word("typing");
  for (const [button, name] of [[attach, "attach"], [send, "send"]]) { button.title = word(name); button.setAttribute("aria-label", word(name)); }
}

function tell(name) {
  note.hidden = !name;
  note.textContent = name ? word(name) : "";
}

// what is shown --------------------------------------------------------------------------------------------------

function element(kind, name, words) {
  const made = document.createElement(kind);
  if (name) made.className = name;
  if (words !== undefined) made.textContent = words;
  return made;
}

function bubble(words, at, code) {
  const item = element("li", code ? "ours" : "own");
  const said = element("div", "words");
  said.append(element("span", "hidden", `${word(code ? "us" : "you")}: `));
  said.dir = code ? (code === "ar" ? "rtl" : "ltr") : "auto";
  if (code) said.lang = code;
  let end = 0;
  for (const found of words.matchAll(LINK)) {
    const link = element("a", "", found[0]);
    Object.assign(link, {href: found[0], target: "_blank", rel: "noopener noreferrer"});
    said.append(words.slice(end, found.index), link);
    end = found.index + found[0].length;
  }
  said.append(words.slice(end));
  item.append(said);
  add(item, new Date(at));
  return item;
}

function add(item, at) {
  const away = item.className === "ours" && talk.scrollHeight - talk.scrollTop - talk.clientHeight > 120;  // reading further up
  const date = at.toLocaleDateString(LOCALES[language], {weekday: "long", day: "numeric", month: "long"});
  if (date !== day) talk.append(element("li", "day", day = date));
  const time = element("time", "", at.toLocaleTimeString(LOCALES[language], {hour: "2-digit", minute: "2-digit"}));
  time.dateTime = at.toISOString();
  item.append(time);
  talk.append(item);
  if (away) newest.hidden = false; else follow();
}

function follow() {
  const item = talk.lastElementChild;
  if (!item) return;
  newest.hidden = true;
  // a message taller than the screen is shown from its first line
  talk.scrollTop = item.offsetHeight > talk.clientHeight ? item.offsetTop - talk.offsetTop - 8 : talk.scrollHeight;
}

function show(message) {
  if (message.id <= last) return;
  last = message.id;
  typing.hidden = true;
  if (message.language) speak(message.language);
  past();
  const item = bubble(message.text, message.at, message.language || language);
  if (message.file) {
    const [id, name, , size] = message.file;
    const link = element("a", "document", `📄 ${name} (${new Intl.NumberFormat(LOCALES[language], {style: "unit", unit: "kilobyte"}).format(Math.ceil(size / 1024))})`);
    Object.assign(link, {href: `/chat/files/${id}`, download: name});
    item.firstChild.append(link);
    if (message.picture) {
      const picture = element("img", "picture");
      Object.assign(picture, {src: link.href, alt: message.text.split("\n")[0], onload: () => { if (newest.hidden) follow(); }});
      link.replaceChildren(picture);
    }
  }
  if (message.buttons) item.insertBefore(choices(message.buttons), item.lastChild);
  if (newest.hidden) follow();
}

function choices(buttons) {
  const group = element("div", "choices");
  group.setAttribute("role", "group");
  for (const one of buttons) {
    const button = element(one.link ? "a" : "button", one.aside ? "aside" : "", one.label);
    if (one.link) Object.assign(button, {href: one.link, target: "_blank", rel: "noopener noreferrer"});
    else { button.type = "button"; button.onclick = () => say({text: one.label.replace(/[\u2066-\u2069]/g, ""), press: one.carries}); }
    group.append(button);
  }
  return group;
}

function own(said, at) {
  // the question that this answers by one of its buttons needs them no more
  const asked = [...talk.querySelectorAll("li.ours")].at(-1)?.querySelector(".choices");
  if (asked && [...asked.children].some(button => button.textContent.replace(/[\u2066-\u2069]/g, "") === said)) asked.remove();
  past();
  return bubble(said, at);
}

function past() {
  // buttons that were passed by stay, but no longer stand in the way of the keyboard
  for (const item of talk.querySelectorAll("li.ours:not(.past)")) {
    item.classList.add("past");
    for (const button of item.querySelectorAll(".choices > *")) button.tabIndex = -1;
  }
}

// what is said ---------------------------------------------------------------------------------------------------

function say(message) {
  const said = {id: crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map(n => n.toString(16)).join(""),
                text: "", press: "", language, ...message};
  if (!said.text.startsWith("/start")) {
    said.bubble = own(said.file ? `📎 ${said.file.name}` : said.text, Date.now());
  }
  queue.push(said);
  keep();
  flush();
}

function keep() {
  try { localStorage.setItem(UNSENT, JSON.stringify(queue.filter(one => !one.file).map(({bubble, ...said}) => said))); } catch { /* private window */ }
}

function state(said, words) {
  if (!said.bubble) return;
  let line = said.bubble.querySelector(".state");
  if (!line) said.bubble.append(line = element("span", "state"));
  line.textContent = words;
}

async function flush() {
  if (sending) return;
  sending = true;
  clearTimeout(again);
  const slow = setTimeout(() => { typing.hidden = false; }, 400);
  while (queue.length) {
    const said = queue[0];
    const status = await (said.file ? upload(said) : post(said));
    if (status === 401) { lost(); break; }
    if (status === 0 || status === 408 || status === 429 || status >= 500) {
      tell(status ? "away" : "offline");
      state(said, word("waiting"));
      again = setTimeout(flush, Math.min(30000, 1000 * 2 ** tries++));
      break;
    }
    tries = 0;
    tell("");
    state(said, status < 300 ? "" : word("refused"));
    queue.shift();
    keep();
  }
  clearTimeout(slow);
  setTimeout(() => { typing.hidden = true; }, queue.length ? 0 : 3000);
  sending = false;
}

async function post({id, text, press, language}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 30000);
  try {
    const body = JSON.stringify({id, text, press, language});
    return (await fetch("/chat/messages", {method: "POST", headers: {"X-Mouwakib": "1"}, body, signal: stop.signal})).status;
  } catch { return 0; } finally { clearTimeout(timer); }
}

function upload(said) {
  return new Promise(done => {
    const call = new XMLHttpRequest();  // fetch tells nothing of progress
    call.open("POST", `/chat/files?${new URLSearchParams({id: said.id, name: said.file.name, language: said.language})}`);
    call.setRequestHeader("X-Mouwakib", "1");
    call.timeout = 180000;
    call.upload.onprogress = at => state(said, `${Math.floor(100 * at.loaded / at.total)} %`);
    call.onload = () => done(call.status);
    call.onerror = call.ontimeout = () => done(0);
    call.send(said.file);
  });
}

function take(chosen) {
  for (const file of chosen) {
    if (file.size > page.largest * 2 ** 20) tell("large");
    else { tell(""); say({file}); }
  }
}

// what comes -----------------------------------------------------------------------------------------------------

function listen() {
  if (events) events.close();
  heardAt = Date.now();
  events = new EventSource(`/chat/events?after=${last}`);
  events.onopen = () => { heardAt = Date.now(); if (!queue.length) tell(""); else flush(); };
  events.onmessage = event => { heardAt = Date.now(); show(JSON.parse(event.data)); };
  events.onerror = () => {
    if (!note.textContent) tell("offline");
    if (events.readyState === EventSource.CLOSED) setTimeout(begin, 3000);
  };
}

async function begin() {
  let answer;
  try { answer = await fetch("/chat/history", {cache: "no-store"}); } catch { /* no network */ }
  if (answer && answer.status === 401) return lost();
  if (!answer || !answer.ok) {
    tell(answer ? "away" : "offline");
    return setTimeout(begin, 3000);
  }
  tell("");
  const {messages, last: newestId} = await answer.json();
  if (newestId > last || !talk.children.length) {
    talk.textContent = day = "";
    last = 0;
    const arrived = new Set(messages.map(one => one.key));
    for (const one of messages) {
      if (one.said === undefined) show(one);
      else if (!one.said.startsWith("/start")) own(one.said, one.at);
    }
    queue = queue.filter(one => !arrived.has(one.id));
    for (const said of queue) if (!said.text.startsWith("/start")) said.bubble = own(said.file ? `📎 ${said.file.name}` : said.text, Date.now());
    keep();
    follow();
  }
  listen();
  const link = new URLSearchParams(location.search).get("start");
  if (link !== null) history.replaceState(null, "", "/");
  if (link !== null || !(messages.length || queue.length)) say({text: `/start ${link || ""}`.trim()});
  else flush();
}

function lost() {
  // the session's cookie is gone or refused; loading the page gives a new one
  let before = 0;
  try { before = Number(sessionStorage.getItem("mouwakib.lost")); sessionStorage.setItem("mouwakib.lost", Date.now()); } catch { before = Date.now(); }
  if (Date.now() - before > 60000) location.reload(); else tell("cookies");
}

// hands on the page ----------------------------------------------------------------------------------------------

function submit(event) {
  event?.preventDefault();
  const words = text.value.trim();
  if (words) say({text: words});
  text.value = "";
  grow();
  text.focus();
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

form.onsubmit = submit;
text.oninput = grow;
text.onkeydown = event => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event); };
attach.onclick = () => files.click();
files.onchange = () => { take([...files.files]); files.value = ""; };
menu.onclick = () => say({text: word("menu"), press: "/menu"});
newest.onclick = follow;
talk.onscroll = () => { if (talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40) newest.hidden = true; };
document.ondragover = event => event.preventDefault();
document.ondrop = event => { event.preventDefault(); take([...event.dataTransfer.files]); };
text.onpaste = event => { if (event.clipboardData.files.length) { event.preventDefault(); take([...event.clipboardData.files]); } };

// a phone that was locked or out of reach comes back
function back() {
  if (document.hidden || !events) return;
  if (events.readyState !== EventSource.OPEN || Date.now() - heardAt > 15000) listen();
  flush();
}
document.onvisibilitychange = back;
window.ononline = back;
window.onpageshow = event => { if (event.persisted) back(); };
new ResizeObserver(() => { if (newest.hidden) follow(); }).observe(talk);

try { queue = JSON.parse(localStorage.getItem(UNSENT)) || []; } catch { queue = []; }
speak(language);
begin();
