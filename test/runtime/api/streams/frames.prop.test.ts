/** Frames come out as they went in, however the bytes are cut; header blocks keep their order. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SPDY_DICTIONARY } from '../../../../runtime/api/streams/spdy/dictionary.ts';
import {
  CONTROL_LIMIT_BYTES,
  controlFrame,
  dataHeader,
  FLAG_FIN,
  FrameCutter,
  PING,
} from '../../../../runtime/api/streams/spdy/frames.ts';
import { HEADER_LIMIT_BYTES, HeaderReader, HeaderWriter } from '../../../../runtime/api/streams/spdy/headers.ts';

test('the dictionary is the protocol’s: its Adler-32 is e3c6a7c2', () => {
  let low = 1;
  let high = 0;
  for (const byte of SPDY_DICTIONARY) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  assert.is((high * 65_536 + low).toString(16), 'e3c6a7c2');
});

const frame = fc.record({
  control: fc.boolean(),
  stream: fc.integer({ min: 1, max: 9 }),
  fin: fc.boolean(),
  body: fc.uint8Array({ maxLength: 300, size: 'max' }),
});

test('cut anywhere, the same frames come out', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(
          frames.map(({ control, stream, fin, body }) =>
            control
              ? controlFrame(PING, 0, Buffer.from(body))
              : Buffer.concat([dataHeader(stream, fin ? FLAG_FIN : 0, body.length), body]),
          ),
        );
        const cutter = new FrameCutter();
        const seen: string[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = cuts[i % cuts.length];
          for (const piece of cutter.cut(bytes.subarray(at, at + size))) {
            if (piece.control) seen.push(`control ${piece.body.toString('hex')}`);
            else seen.push(`data ${piece.stream} ${piece.body.toString('hex')}${piece.fin ? ' fin' : ''}`);
          }
          at += size;
        }
        const expected = frames.map(({ control, stream, fin, body }) =>
          control
            ? `control ${Buffer.from(body).toString('hex')}`
            : `data ${stream} ${Buffer.from(body).toString('hex')}${fin ? ' fin' : ''}`,
        );
        assert.is(joined(seen), joined(expected));
      },
    ),
  );
});

/** Neighbouring pieces of one stream count as one. */
function joined(lines: readonly string[]): string {
  let text = '';
  let last = '';
  for (const line of lines) {
    const [kind, stream, ...rest] = line.split(' ');
    const key = kind === 'data' ? `data ${stream} ` : '';
    text += kind === 'data' && key === last ? rest.join(' ') : `|${line}`;
    last = rest.includes('fin') ? '' : key;
  }
  return text;
}

test('header blocks are read in the order they were written', async () => {
  const headers = fc.dictionary(fc.string({ maxLength: 20 }), fc.string({ maxLength: 200 }), { maxKeys: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(headers, { maxLength: 8 }), async (blocks) => {
      const writer = new HeaderWriter();
      const reader = new HeaderReader();
      for (const block of blocks) {
        const pairs = new Map(Object.entries(block));
        assert.equal(await reader.read(await writer.write(pairs)), pairs);
      }
      writer.close();
      reader.close();
    }),
    { numRuns: 50 },
  );
});

test('a block that unfolds beyond the limit is refused', async () => {
  const block = await new HeaderWriter().write(new Map([['a', 'x'.repeat(HEADER_LIMIT_BYTES)]]));
  assert.ok(block.length < 1000, 'it is small on the wire');
  let message = '';
  await new HeaderReader().read(block).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /unfolds beyond/);
});

test('noise is refused by the reader of headers', async () => {
  let failed = false;
  await new HeaderReader().read(Buffer.from('not zlib at all')).catch(() => {
    failed = true;
  });
  assert.ok(failed);
});

test('a control frame longer than any header block, or of another version, is refused', () => {
  const long = controlFrame(PING, 0, Buffer.alloc(CONTROL_LIMIT_BYTES + 1));
  assert.throws(() => new FrameCutter().cut(long), /control frame of 65537 bytes/);
  const other = controlFrame(PING, 0, Buffer.alloc(4));
  other[1] = 2;
  assert.throws(() => new FrameCutter().cut(other), /version 2/);
});

test.run();
