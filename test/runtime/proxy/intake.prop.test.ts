/** Memory that relays read into again and again: whatever sizes come and however slowly they are read, no byte is another's. */
import { connect, Socket } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readInto } from '../../../runtime/proxy/userspace/read-into.ts';
import { Backend, closeOpened, echo, proxied, wait } from '../../support/proxied.ts';

const backend = await Backend.listen(echo);
const port = await proxied(backend.endpoints(2), {}, { threads: 2 });

/** What one client says, in which pieces, and where it stops reading for a while. */
const speech = fc.record({
  seed: fc.nat(),
  pieces: fc.array(
    fc.oneof(
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom(4095, 4096, 4097, 65_536),
      fc.integer({ min: 1, max: 6_000_000 }),
    ),
    { minLength: 1, maxLength: 8, size: 'max' },
  ),
  rests: fc.array(fc.nat(6_000_000), { maxLength: 4, size: 'max' }),
});

test('what goes through a relay and back comes as it went, for many at once, some of which read slowly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(speech, { minLength: 1, maxLength: 6, size: 'max' }), async (speeches) => {
      await Promise.all(speeches.map(echoed));
    }),
    { numRuns: 12 },
  );
});

async function echoed({ seed, pieces, rests }: { seed: number; pieces: number[]; rests: number[] }): Promise<void> {
  const said = Buffer.concat(pieces.map((bytes, i) => Buffer.alloc(bytes, `${seed}:${i};`)));
  const socket = connect({ host: port.host, port: port.port, noDelay: true });
  const heard: Buffer[] = [];
  let count = 0;
  const stops = rests.toSorted((a, b) => a - b);
  socket.on('data', (data) => {
    heard.push(data);
    count += data.length;
    if (count < (stops[0] ?? Number.POSITIVE_INFINITY)) return;
    stops.shift();
    socket.pause();
    setTimeout(() => socket.resume(), 20);
  });
  const closed = new Promise((resolve, reject) => socket.on('close', resolve).on('error', reject));
  let from = 0;
  for (const bytes of pieces) {
    socket.write(said.subarray(from, from + bytes));
    from += bytes;
    if (bytes % 3 === 0) await wait(1);
  }
  socket.end();
  await closed;
  const back = Buffer.concat(heard);
  assert.is(back.length, said.length);
  assert.ok(back.equals(said), 'the same bytes');
}

test('an accepted socket reads into memory that is lent to it; one that is not connected stays as it is', async () => {
  const lent = Buffer.alloc(8);
  const read = Promise.withResolvers<string>();
  const callback = (bytes: number): boolean => {
    read.resolve(lent.toString('latin1', 0, bytes));
    return true;
  };
  const onread = { buffer: () => lent, callback };
  assert.not(readInto(new Socket(), onread));
  const server = await Backend.listen((socket) => {
    assert.ok(readInto(socket, onread), `Node ${process.version} has other sockets: relays read at the old cost`);
    socket.resume();
  });
  connect({ host: '127.0.0.1', port: server.port })
    .on('error', () => {})
    .end('12345');
  assert.is(await read.promise, '12345');
  await server.close();
});

test.after(closeOpened);
test.run();
