// Reads the published queue, which is the same for everybody, instead of asking for this page again and again.
// It decides nothing: when the turn seems to have come, or anything is unclear, the page itself is asked for.
const place = document.getElementById("place");
const number = Number(place.dataset.number);
const wait = Number(place.dataset.seconds) * 1000;
// The page is kept by no cache, so its time is ours. An answer's own may be that of a copy which somebody kept.
const behind = Number(place.dataset.now) - Date.now();
const until = Date.now() + 300000;
let leaving = false;
// Once: asked again, a page that is slow to come would begin anew.
const reload = () => {
  if (!leaving) location.reload();
  leaving = true;
};
const show = (name, text) => {
  const at = place.querySelector(`[data-show=${name}]`);
  // What did not change is left alone, or a screen reader would say it again.
  if (at.textContent !== text) at.textContent = text;
};
const counted = (count, unit) => `Your turn should come in about ${count} ${unit}${count === 1 ? "" : "s"}.`;
const inWords = (seconds) => {
  if (seconds < 60) return "Your turn should come in less than a minute.";
  return seconds < 5400 ? counted(Math.ceil(seconds / 60), "minute") : counted(Math.round(seconds / 3600), "hour");
};
const look = async () => {
  try {
    const answer = await fetch(place.dataset.queue);
    const queue = await answer.json();
    const passed = Math.max(0, Date.now() + behind - Date.parse(queue.at)) / 1000;
    const exactly = Math.min(queue.up_to, queue.number + queue.rate * passed);
    const served = Math.floor(exactly);
    if (!answer.ok || queue.sold_out || !(number >= served)) return reload();
    const ahead = number - served;
    const words = ahead ? `About ${ahead.toLocaleString("en-GB")} ${ahead === 1 ? "person" : "people"} ahead of you` : "You are next";
    show("ahead", words);
    show("serving", served.toLocaleString("en-GB"));
    if ("estimated" in place.dataset) show("estimate", inWords(Math.ceil((number + 1 - exactly) / queue.rate)));
    document.title = `${words} – ${place.dataset.title}`;
  } catch {
    // The network is away: the next look may find it again.
  }
  setTimeout(look, wait);
};
if (wait) {
  setTimeout(look, wait);
  // Apart from what the queue answers, or whether it does. Without a network there would be nothing but an error.
  setInterval(() => Date.now() > until && navigator.onLine && reload(), wait);
}
