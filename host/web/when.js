// Moments, dates and lengths as people read them, in the space's time zone.

import { language, t } from "./words.js";

let zone;
let cut = 0;
const formats = new Map();

// The space's zone, and the hour at which its business day begins.
export function setZone(name, hour = 0) {
	zone = name || undefined;
	cut = hour;
	formats.clear();
}

function format(options) {
	const key = language() + JSON.stringify(options);
	if (!formats.has(key)) {
		formats.set(key, new Intl.DateTimeFormat(language() === "fr" ? "fr-FR" : "en-GB", { timeZone: zone, ...options }));
	}
	return formats.get(key);
}

// "09:05"
export function time(at) {
	return at ? format({ hour: "2-digit", minute: "2-digit" }).format(new Date(at)) : "";
}

export function clock(at) {
	return format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

// A business date "2026-03-02" is no moment: it is read as UTC, so that no zone moves it.
export function day(date, long = true) {
	const options = { weekday: long ? "long" : "short", day: "numeric", month: long ? "long" : "short", year: long ? "numeric" : undefined, timeZone: "UTC" };
	return format(options).format(new Date(date + "T12:00:00Z"));
}

export function moment(at) {
	return at ? format({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(at)) : "";
}

// What the space's clocks show, "2026-03-02T09:05", is no moment: it is read as UTC likewise.
export function localMoment(text) {
	return format({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" }).format(new Date(text + ":00Z"));
}

// The business date of now: until the cut-off hour it is still yesterday's.
export function today(at = new Date()) {
	const [date, clock] = toLocal(at).split("T");
	return Number(clock.slice(0, 2)) < cut ? shift(date, -1) : date;
}

export function shift(date, days) {
	const at = new Date(date + "T12:00:00Z");
	at.setUTCDate(at.getUTCDate() + days);
	return at.toISOString().slice(0, 10);
}

// "2 h 05", "12 min"
export function length(from, to = new Date()) {
	return duration((new Date(to) - new Date(from)) / 1000);
}

export function duration(seconds) {
	const minutes = Math.max(0, Math.floor(seconds / 60));
	if (minutes < 1) {
		return t("minute");
	}
	if (minutes < 60) {
		return t("minutes", minutes);
	}
	if (minutes < 2880) {
		return t("hours", Math.floor(minutes / 60), String(minutes % 60).padStart(2, "0"));
	}
	return t("days", Math.floor(minutes / 1440));
}

// Between <input type=datetime-local> and RFC 3339, in the space's zone.
export function toLocal(at) {
	if (!at) {
		return "";
	}
	const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
		timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
	}).formatToParts(new Date(at)).map((part) => [part.type, part.value]));
	return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

export function fromLocal(text) {
	if (!text) {
		return null;
	}
	// The zone's shift is that of the moment itself: guessed as UTC, then set right twice, which
	// also holds on either side of a change of the clocks.
	const wanted = Date.parse(text + "Z");
	let at = wanted;
	for (let i = 0; i < 2; i++) {
		at += wanted - Date.parse(toLocal(new Date(at)) + "Z");
	}
	return new Date(at).toISOString();
}

export function weekday(index, short = false) {
	// 5 January 2026 is a Monday.
	return format({ weekday: short ? "short" : "long", timeZone: "UTC" }).format(new Date(Date.UTC(2026, 0, 5 + index, 12)));
}

export function number(value, digits = 0) {
	return value.toLocaleString(language() === "fr" ? "fr-FR" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
