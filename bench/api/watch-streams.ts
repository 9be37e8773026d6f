/** Watchers over HTTP/2, as many on a connection as the server takes. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { UpProcess } from '../../test/runtime/api/faults/up-process.ts';
import type { OpenWatches } from './open-watches.ts';

const LINE_END = 0x0a;

export const watchStreams: OpenWatches = async (up, path, count, onEvent) => {
  const sessions: ClientHttp2Session[] = [];
  for (let left = count; left > 0; ) {
    const session = connect(up.url, { ca: up.authority });
    sessions.push(session);
    const [{ maxConcurrentStreams = left }] = await once(session, 'remoteSettings');
    const here = Math.min(left, maxConcurrentStreams);
    await Promise.all(Array.from({ length: here }, () => watching(session, up, path, onEvent)));
    left -= here;
  }
  return () => {
    for (const session of sessions) session.destroy();
  };
};

/** Resolves when the watch is open. An event may come in two pieces; it is there when its line has ended. */
async function watching(
  session: ClientHttp2Session,
  { token }: UpProcess,
  path: string,
  onEvent: () => void,
): Promise<void> {
  const stream = session.request({ ':path': path, authorization: `Bearer ${token}` });
  stream.on('data', (piece: Buffer) => {
    if (piece.at(-1) === LINE_END) onEvent();
  });
  const [{ ':status': status }] = await once(stream, 'response');
  if (status !== 200) throw new Error(`answered with ${status}`);
}
