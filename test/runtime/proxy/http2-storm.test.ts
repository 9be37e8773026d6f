/**
 * HTTP/2 with everything at once: clients that cancel, leave and send too much, endpoints that refuse, reset, break off, go away
 * and say nonsense. No worker is lost, no whole answer is another one than was sent, and nothing is left over.
 */
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../core/index.ts';
import type { CrewEvent } from '../../../runtime/proxy/userspace/crew.ts';
import { closeOpened, endpointAt, proxied, until } from '../../support/proxied.ts';

const SEED = Number(process.env.SEED ?? 7);
const STREAMS = 1500;
const CLIENTS = 6;

/** What an endpoint does with a stream; most often it answers what came. */
type Mood = (stream: ServerHttp2Stream, body: Buffer) => void;

const moods: Mood[] = [
  (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  (stream) => stream.session?.destroy(),
  (stream) => stream.session?.socket.destroy(),
  (stream, body) => {
    stream.session?.close();
    whole(stream, body);
  },
  (stream, body) => {
    stream.respond({}, { waitForTrailers: true });
    stream.write(body.subarray(0, body.length >> 1));
    setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), 2);
  },
  (stream) => {
    stream.respond({ 'x-long': 'x'.repeat(30_000) });
    stream.end();
  },
  (stream) => {
    stream.additionalHeaders({ ':status': 103 });
    stream.respond({ ':status': 204 });
    stream.end();
  },
  () => {},
];

function whole(stream: ServerHttp2Stream, body: Buffer): void {
  if (stream.destroyed) return;
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(body);
}

test(`http2: a storm of faults on both sides, seed ${SEED}`, async () => {
  const random = new Random(SEED);
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream) => {
    const heard: Buffer[] = [];
    const mood = random.below(3) === 0 ? moods[random.below(moods.length)] : whole;
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => heard.push(chunk));
    stream.on('end', () => {
      if (!stream.destroyed && !stream.closed) mood(stream, Buffer.concat(heard));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port: at } = server.address() as { port: number };
  const events: CrewEvent[] = [];
  const endpoints = [endpointAt('127.0.6.1', at), endpointAt('127.0.6.2', at), endpointAt('127.0.6.3', 1)];
  const port = await proxied(
    endpoints,
    { protocol: 'http2', responseTimeoutMs: 300, idleTimeoutMs: 2_000, maxConnectionAgeMs: 400 },
    { threads: 2, onEvent: (event) => events.push(event) },
  );

  const outcomes = new Map<string, number>();
  const wrong: string[] = [];
  let left = STREAMS;
  const clients = Array.from({ length: CLIENTS }, async () => {
    let session: ClientHttp2Session | undefined;
    while (left-- > 0) {
      if (session === undefined || session.closed || session.destroyed) {
        session = connect(`http://${port.host}:${port.port}`);
        session.on('error', () => {});
      }
      const body = Buffer.alloc(random.below(4) === 0 ? random.below(200_000) : random.below(500), left & 255);
      const outcome = await oneStream(session, body, random.below(8) === 0 ? random.below(30) : undefined);
      if (outcome.startsWith('wrong')) wrong.push(outcome);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (random.below(60) === 0) session.destroy();
    }
    session?.destroy();
  });
  await Promise.all(clients);
  await until(() => {
    const { activeConnections, services } = port.plane.stats();
    return activeConnections === 0 && services[0].endpoints.every(({ inFlight }) => inFlight === 0);
  }, 'nothing is left');
  const { counters } = port.plane.stats();
  const told = [...outcomes].toSorted(([, a], [, b]) => b - a).map(([what, count]) => `${count} ${what}`);
  console.log(`storm of HTTP/2: ${told.join(', ')}; ${counters.retries} retries, ${counters.goaways} GOAWAY`);
  assert.equal(wrong, []);
  assert.ok((outcomes.get('whole') ?? 0) > STREAMS / 4);
  assert.equal(
    events.filter(({ type }) => type !== 'worker-started'),
    [],
  );
  for (const session of sessions) session.destroy();
  server.close();
  await port.plane.close(0);
});

/** @param cancelMs the client changes its mind. */
function oneStream(session: ClientHttp2Session, body: Buffer, cancelMs: number | undefined): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const stream = session.request({ ':method': 'POST', ':path': '/', 'content-type': 'application/grpc' });
  const heard: Buffer[] = [];
  let status = '';
  stream.on('response', (headers) => (status = String(headers['grpc-status'] ?? '')));
  stream.on('trailers', (trailers) => (status = String(trailers['grpc-status'])));
  stream.on('data', (chunk: Buffer) => heard.push(chunk));
  stream.on('error', () => {});
  stream.on('close', () => {
    const same = Buffer.concat(heard).equals(body);
    if (status === '0') resolve(same ? 'whole' : `wrong: ${Buffer.concat(heard).length} of ${body.length} bytes`);
    else resolve(status === '' ? `reset ${stream.rstCode}` : `status ${status}`);
  });
  stream.end(body);
  if (cancelMs !== undefined) setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), cancelMs);
  return promise;
}

test.after(closeOpened);
test.run();
