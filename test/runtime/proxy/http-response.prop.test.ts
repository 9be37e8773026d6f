/** Responses come in whatever pieces the network makes of them: what is read is what was said, one response after the other. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResponseHead } from '../../../runtime/proxy/userspace/http-head.ts';
import { ResponseParser } from '../../../runtime/proxy/userspace/http-response.ts';

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,11}$/).map((name) => `X-${name}`);
const text = fc.stringMatching(/^(?:[!-~\x80-\xff](?:[ -~\x80-\xff\t]{0,20}[!-~\x80-\xff])?)?$/);
const fields = fc.array(fc.tuple(token, text), { maxLength: 6, size: 'max' });
const bytes = fc.uint8Array({ maxLength: 200, size: 'max' }).map((array) => Buffer.from(array).toString('latin1'));

const response = fc.record({
  status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
  message: text,
  fields,
  chunks: fc.option(
    fc.array(
      bytes.filter((chunk) => chunk !== ''),
      { maxLength: 5, size: 'max' },
    ),
    { nil: undefined },
  ),
  body: bytes,
  trailers: fields,
  interim: fc.boolean(),
});
type Said = typeof response extends fc.Arbitrary<infer T> ? T : never;

const lines = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${name}:${value.length % 2 ? ' ' : ''}${value}\r\n`).join('');

function wire({ status, message, fields, chunks, body, trailers, interim }: Said): string {
  const head = `${interim ? 'HTTP/1.1 103 \r\nA: b\r\n\r\n' : ''}HTTP/1.1 ${status} ${message}\r\n${lines(fields)}`;
  if (chunks === undefined) return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  const sent = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  return `${head}Transfer-Encoding: chunked\r\n\r\n${sent}0\r\n${lines(trailers)}\r\n`;
}

test('whatever pieces responses come in, each is read as it was said, and over with its last byte', () => {
  fc.assert(
    fc.property(
      fc.array(response, { minLength: 1, maxLength: 3, size: 'max' }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8, size: 'max' }),
      (all, cuts) => {
        let heads: ResponseHead[] = [];
        let body = '';
        const parser = new ResponseParser({
          onHead: (head) => void heads.push(head),
          onBody: (chunk) => {
            assert.ok(chunk.length > 0);
            body += chunk.toString('latin1');
          },
        });
        for (const said of all) {
          [heads, body] = [[], ''];
          parser.begin(false);
          const sent = Buffer.from(wire(said), 'latin1');
          for (let from = 0, i = 0; from < sent.length; i++) {
            const to = Math.min(sent.length, from + cuts[i % cuts.length]);
            assert.is(parser.feed(sent.subarray(from, to)), to === sent.length, `at ${to} of ${sent.length}`);
            from = to;
          }
          assert.is(heads.length, 1);
          assert.equal([heads[0].status, heads[0].message], [said.status, said.message]);
          assert.equal(heads[0].headers.slice(0, -2), said.fields.flat());
          assert.is(body, said.chunks === undefined ? said.body : said.chunks.join(''));
          assert.equal(parser.trailers, said.chunks === undefined ? [] : said.trailers.flat());
          assert.is(parser.keptSeconds, Number.POSITIVE_INFINITY);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test.run();
