/** The benchmark of idle connections on a small cut: all stand, all that are spoken to answer, and the JSON has its shape. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const script = fileURLToPath(new URL('../../bench/idle-connections.bench.ts', import.meta.url));

for (const protocol of ['tcp', 'http']) {
  test(`bench:idle: 150 connections of ${protocol}`, () => {
    const args = ['--connections', '150', '--protocol', protocol, '--threads', '1', '-o', 'json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.is(status, 0, stderr);
    const { rows, connections, medianKiB } = JSON.parse(stdout);
    assert.equal([connections, rows.length, rows[0].connections, rows[0].answered], [150, 1, 150, 100]);
    assert.is(medianKiB, rows[0].bytesEach / 1024);
  });
}

test('bench:idle: a protocol that is none is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--protocol', 'udp'], { encoding: 'utf8' });
  assert.is(status, 2);
  assert.match(stderr, /^usage: bench:idle /);
});

test.run();
