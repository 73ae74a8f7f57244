/** Registers the service worker that shows a page of our own when there is no connection. */
navigator.serviceWorker?.register("/sw.js").catch(() => { /* private windows refuse it: nothing is lost */ });
