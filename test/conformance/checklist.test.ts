/** Every row of the checklist has a test or a reason why not, and README says which. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NOT_ATTEMPTED, readChecklist } from './checklist.ts';
import { CONTAINER_ROWS, ROWS } from './rows/rows.ts';

const README = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
const tested = [...ROWS, ...CONTAINER_ROWS].map(({ id }) => id);
const reasoned = NOT_ATTEMPTED.flatMap(({ ids }) => ids);
const checklist = readChecklist();

test('no row is there twice', () => {
  assert.equal(
    [...tested, ...reasoned].filter((id, i, all) => all.indexOf(id) !== i),
    [],
  );
});

if (checklist) {
  test('every row of the checklist has a test or a reason, and none is made up', () => {
    assert.equal([...tested, ...reasoned].sort(), checklist.map(({ id }) => id).sort());
  });

  test('every row of tier api has a test', () => {
    const missing = checklist.filter(({ id, tier }) => tier === 'api' && !tested.includes(id));
    assert.equal(missing, []);
  });
}

test('the README names the same reasons and rows', () => {
  const rows = [...README.matchAll(/^\| (\w.*?) +\| ((?:C\d{3}(?:, )?)+) *\|$/gm)].map(([, why, ids]) => ({
    why,
    ids: ids.split(', '),
  }));
  assert.equal(
    rows,
    NOT_ATTEMPTED.map(({ why, ids }) => ({ why, ids: [...ids] })),
  );
});

test.run();
