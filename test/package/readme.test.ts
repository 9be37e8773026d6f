/** The examples under "As a library" run and print what README.md says. Their types are checked in pack.test.ts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readmeExamples } from '../support/readme.ts';

const LIBRARY = pathToFileURL(join(import.meta.dirname, '..', '..', 'core', 'library', 'index.ts')).href;
const examples = readmeExamples('As a library');

test('README: there are two examples, and the first has fewer than 20 lines', () => {
  assert.is(examples.length, 2);
  assert.ok(examples[0].code.trim().split('\n').length < 20);
});

examples.forEach(({ code, prints }, i) => {
  test(`README: example ${i + 1} prints what stands below it`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'keelson-readme-'));
    const file = join(folder, 'example.ts');
    writeFileSync(file, code.replace("'keelson'", JSON.stringify(LIBRARY)));
    const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
    rmSync(folder, { recursive: true });
    assert.is(stdout, prints, stderr);
  });
});

test.run();
