// Prints what the twin answers to each call of a page that looks, as JSON: [[path, status, body]].

import { Twin } from "./twin.mjs";

const twin = new Twin(".");
await twin.start();
const { today } = twin.books;
const answers = [];
for (const path of [
	"session", "now", "doors", "alerts", "commands/c1", "visits?date=" + today, "visits?person=p1", "people", "people/p1", "people/p1/badges", "visitors",
	"profiles", "schedules", "special-days", "door-hours", "events", "events/e31/attendance", `figures?by=hour&from=${today}&to=${today}`,
	`figures?by=day&from=${today}&to=${today}`, "muster", "drills", "settings", "zones", "accounts", "tokens", "calendar-feeds", "webhooks", "webhooks/1/deliveries", "audit",
]) {
	const answer = await fetch(twin.url + "/api/v1/" + path);
	answers.push(["/api/v1/" + path, answer.status, await answer.text()]);
}
const board = await fetch(twin.url + "/board.json");
answers.push(["/board.json", board.status, await board.text()]);
console.log(JSON.stringify(answers));
await twin.stop();
