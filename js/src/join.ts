/** The page that the relay serves to whoever has a link: a classic script, which runs before anything else of the page. */
import { arrive } from "./join/arrival";
import { JoinCall } from "./join/join-call";
import { mountJoinPage } from "./join/view";

// The token leaves the address bar before anything is drawn or sent.
const arrival = arrive();

document.addEventListener("DOMContentLoaded", () => {
  const call = new JoinCall(arrival);
  mountJoinPage(document.getElementById("join")!, call);
  call.start();
});
// Another link to the same room, put into the address bar, changes nothing but the part behind the `#`.
addEventListener("hashchange", () => location.reload());
