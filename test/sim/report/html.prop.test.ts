import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { escapeHtml, Html, html } from '../../../sim/report/html.ts';

test('html: no text can open a tag, end an attribute or start an entity of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeHtml(text);
      assert.not.match(escaped, /[<>"']/);
      assert.not.match(escaped, /&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});

test('html: what is escaped reads as it was, control characters aside', () => {
  const read: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      assert.is(
        escapeHtml(text).replace(/&(#?\w+);/g, (_, name: string) => read[name]),
        text,
      );
    }),
  );
});

const cases = [
  { name: 'text is escaped', made: html`<b>${'<i>'}</b>`, is: '<b>&lt;i&gt;</b>' },
  { name: 'html inside html stays', made: html`<b>${html`<i>x</i>`}</b>`, is: '<b><i>x</i></b>' },
  { name: 'lists are joined', made: html`${[html`<i/>`, '&']}`, is: '<i/>&amp;' },
  { name: 'false and nothing print nothing', made: html`a${false}${undefined}${null}b`, is: 'ab' },
  { name: 'zero is a number, not nothing', made: html`${0}`, is: '0' },
  { name: 'a control character becomes a visible one', made: html`${'a\u0000b'}`, is: 'a\uFFFDb' },
  { name: 'raw text must be asked for', made: html`${new Html('<hr>')}`, is: '<hr>' },
];
for (const { name, made, is } of cases) test(`html: ${name}`, () => assert.is(made.text, is));

test.run();
