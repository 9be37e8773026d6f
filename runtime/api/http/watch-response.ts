/** A watch on the wire: one JSON document a line until the client, the clock or the server ends it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RegistryParts } from '../registry/parts.ts';
import { openWatch, type Receiver, type WatchRequest } from '../registry/watch.ts';
import { EventWriter, line, type Rendering } from './render.ts';
import { ApiError, internal } from './status.ts';
import { isGone } from './stream-of.ts';
import { WatchBody } from './watch-body.ts';

const BOOKMARK_EVERY_MS = 60_000;
/** A watch that names no end is ended between half an hour and an hour, so that not all come back at once. */
const MIN_WATCH_SECONDS = 1_800;
/** How long a client that was told that its watch is over may take to read so. */
const LAST_WORDS_MS = 5_000;

export interface WatchResponseOptions {
  timeoutSeconds?: number;
  rendering: Rendering;
  /** Watches that are open; each is in it while it is. */
  open: Set<() => void>;
}

/** Resolves when the watch is open; it goes on by itself. Throws the ApiErrors of openWatch. */
export async function respondWatch(
  parts: RegistryParts,
  request: WatchRequest,
  client: IncomingMessage,
  response: ServerResponse,
  { timeoutSeconds, rendering, open }: WatchResponseOptions,
): Promise<void> {
  const writer = new EventWriter(rendering);
  let over = false;
  const body = new WatchBody(response, () => watch.resume());
  const receiver: Receiver = {
    deliver: (deliveries) => body.write(writer.events(deliveries)),
    bookmark: (revision, initial) => body.write(writer.bookmark(revision, initial)),
    lost: (reason) => {
      const refusal = reason instanceof ApiError ? reason : internal('the watch broke', reason);
      body.write(line('ERROR', refusal.status));
      end();
    },
  };
  const end = (): void => {
    if (over) return;
    stop();
    response.end();
    const { socket } = client;
    const patience = setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
    response.once('finish', () => clearTimeout(patience));
  };
  const watch = await openWatch(parts, request, receiver);
  const stop = (): void => {
    over = true;
    watch.stop();
    clearTimeout(timer);
    clearInterval(bookmarks);
    open.delete(end);
  };
  const seconds = timeoutSeconds || MIN_WATCH_SECONDS * (1 + Math.random());
  const timer = setTimeout(end, Math.min(seconds * 1000, 2 ** 31 - 1));
  const bookmarks = request.allowBookmarks ? setInterval(() => watch.bookmark(), BOOKMARK_EVERY_MS) : undefined;
  open.add(end);
  response.on('close', stop);
  if (isGone(response)) return stop();
  body.open();
}
