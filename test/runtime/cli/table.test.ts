import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wrap } from '../../../runtime/cli/help.ts';
import { formatTable } from '../../../runtime/cli/table.ts';

test('table: columns are as wide as their longest cell, two spaces apart', () => {
  assert.is(
    formatTable(
      ['pod', 'node'],
      [
        ['a', 'n1'],
        ['long', 'n2'],
      ],
      100,
    ),
    'POD   NODE\na     n1\nlong  n2\n',
  );
});
test('table: numbers stand right', () => {
  assert.is(formatTable(['n'], [['7'], ['42']], 100, ['right']), ' N\n 7\n42\n');
});
test('table: a long text wraps at its spaces and the others keep their width', () => {
  const table = formatTable(['pod', 'why'], [['web-0', 'one two three four five six seven']], 30);
  for (const line of table.split('\n')) assert.ok(line.length <= 30, line);
  assert.ok(table.includes('web-0'));
  assert.is(table.replace(/\s+/g, ' ').trim(), 'POD WHY web-0 one two three four five six seven');
});
test('table: no rows leave the heading', () => assert.is(formatTable(['a', 'b'], [], 100), 'A  B\n'));

test('wrap: lines are as long as allowed and break at spaces only', () => {
  assert.equal(wrap('aa bb cc', 5), ['aa bb', 'cc']);
  assert.equal(wrap('aaaaaaaa b', 5), ['aaaaaaaa', 'b']);
});

test.run();
