import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatTable } from '../../../runtime/cli/table.ts';

test('table: whatever the cells, lines fit the width and no letter is lost', () => {
  const word = fc.stringMatching(/^[a-z/:.-]{1,120}$/);
  const cell = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
      const table = formatTable(['x', 'y', 'z'], rows, 100);
      for (const line of table.split('\n')) assert.ok(line.length <= 100, `${line.length}: ${line}`);
      const letters = (text: string): string => [...text.replace(/[\sXYZ]/g, '')].sort().join('');
      assert.is(letters(table), letters(rows.flat().join('')));
    }),
    { numRuns: 100 },
  );
});

test.run();
