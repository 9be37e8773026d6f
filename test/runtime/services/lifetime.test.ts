/** What carriers change on a machine: it is as before when they end, and when they were killed the next one sees to it. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { enterOwnNetwork, whyNoBridge } from '../../support/own-network.ts';
import { whyNot } from '../proxy/nftables/network.ts';

const why = whyNot() ?? whyNoBridge();
if (why === undefined) enterOwnNetwork();
else console.log(`skipped, as nftables cannot be tried: ${why}`);

const children: ChildProcess[] = [];

/** Resolves with what it says first. */
async function carry(
  mode: string,
): Promise<{ words: string; kill(): Promise<void>; end(how?: string): Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'carrying.ts'), mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const words = await new Promise<string>((resolve) =>
    child.stdout.once('data', (line) => resolve(String(line).trim())),
  );
  return {
    words,
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
    end: (how = '') => {
      child.stdin.write(`${how}\n`);
      return ended;
    },
  };
}

const shell = (script: string): string => execFileSync('sh', ['-ec', script], { encoding: 'utf8' });

/** All that carriers change. */
function machine() {
  return {
    table: shell('nft list tables').includes('inet keelson'),
    admitted: shell('iptables -S DOCKER-USER').includes('keelson'),
    loopback: readFileSync('/proc/sys/net/ipv4/conf/pods0/route_localnet', 'utf8').trim() === '1',
    range: shell('ip route show table local').includes('10.96.0.0/12'),
  };
}
const AS_BEFORE = { table: false, admitted: false, loopback: false, range: false };
const BY_KERNEL = { table: true, admitted: true, loopback: true, range: false };
const BY_PROCESS = { ...AS_BEFORE, range: true };

if (why === undefined) {
  test.before(() => {
    shell(
      'ip link add pods0 type bridge; ip addr add 10.1.0.1/24 dev pods0; ip link set pods0 up; iptables -N DOCKER-USER',
    );
  });
  test.after(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  for (const [mode, changed] of [
    ['userspace', BY_PROCESS],
    ['auto', BY_KERNEL],
  ] as const) {
    test(`${mode}: while it carries, and when it has ended`, async () => {
      const carrier = await carry(mode);
      assert.match(carrier.words, /^Services: carried by .* cluster addresses \(10\.96\.0\.0\/12\)/);
      assert.equal(machine(), changed);
      await carrier.end();
      assert.equal(machine(), AS_BEFORE);
    });
  }

  test('one that ends by an error leaves nothing either', async () => {
    for (const mode of ['nftables', 'userspace']) {
      await (await carry(mode)).end('fail');
      assert.equal(machine(), AS_BEFORE, mode);
    }
  });

  test('what a killed one left goes on serving, and the next one of either kind takes it over', async () => {
    await (await carry('nftables')).kill();
    assert.equal(machine(), BY_KERNEL);
    const byProcess = await carry('userspace');
    assert.equal(machine(), BY_PROCESS);
    await byProcess.kill();
    assert.equal(machine(), BY_PROCESS);
    const byKernel = await carry('nftables');
    assert.equal(machine(), BY_KERNEL);
    await byKernel.kill();
    await (await carry('nftables')).end();
    assert.equal(machine(), AS_BEFORE);
  });

  test('a second one beside it has node ports only, or says that it cannot', async () => {
    const first = await carry('nftables');
    const second = await carry('nftables');
    assert.is(second.words, 'CannotCarry: another Keelson on this machine serves its cluster addresses');
    const third = await carry('auto');
    assert.match(third.words, /^Services: carried by this process at node ports \(127\.0\.0\.1\) only/);
    assert.match(third.words, /not by the kernel: another Keelson on this machine serves its cluster addresses\)$/);
    await third.end();
    assert.equal(machine(), BY_KERNEL);
    await first.end();
    assert.equal(machine(), AS_BEFORE);
  });

  test('a machine with another network in the range keeps it', async () => {
    shell('ip link add other type bridge; ip addr add 10.100.0.1/16 dev other; ip link set other up');
    const carrier = await carry('userspace');
    assert.match(
      carrier.words,
      /no cluster addresses: this machine has another network among them \(10\.100\.0\.0\/16/,
    );
    await carrier.end();
    shell('ip link del other');
  });

  test('without root: node ports by a process, and nftables says what it needs', () => {
    const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath];
    const { stdout } = spawnSync('setpriv', [...as, join(import.meta.dirname, 'carrying.ts'), 'nftables'], {
      encoding: 'utf8',
    });
    assert.is(stdout.trim(), 'CannotCarry: nftables needs root');
  });
}

test.run();
