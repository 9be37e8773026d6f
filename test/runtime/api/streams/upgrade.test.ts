/** exec, attach, port-forward and log over the wire, as every kubectl from 1.27 on speaks them. */
import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectSpdy, POD, type PodServer, refused, runWebSocket, servePod } from './client.ts';

const V5 = ['v5.channel.k8s.io'];
const OUT = 'stdout=true&stderr=true';
const shell = (text: string): string => `command=sh&command=-c&command=${encodeURIComponent(text)}`;

const test = suite<{ server: PodServer }>('streams');
test.before(async (context) => {
  context.server = await servePod();
});
test.after(async ({ server }) => server.close());

// --- WebSocket -----------------------------------------------------------------------------------------------------

test('a command’s output and its end come over WebSocket', async ({ server }) => {
  const run = await runWebSocket(server.port, `/exec?${shell('echo $COLOUR; echo no >&2; exit 3')}&${OUT}`, V5);
  assert.is(run.protocol, V5[0]);
  assert.is(run.text(1), 'red\n');
  assert.is(run.text(2), 'no\n');
  const status = JSON.parse(run.text(3));
  assert.is(status.reason, 'NonZeroExitCode');
  assert.equal(status.details.causes, [{ reason: 'ExitCode', message: '3' }]);
  assert.is(run.closeCode, 1000);
  assert.is(run.messages.at(-1)?.channel, 3, 'the status is the last word');
});

test('version 5 ends the input by closing its channel', async ({ server }) => {
  const sent = randomBytes(300_000).toString('hex');
  const run = await runWebSocket(server.port, `/exec?command=cat&stdin=true&${OUT}`, V5, (socket) => {
    for (let at = 0; at < sent.length; at += 32_768) {
      socket.send(Buffer.concat([Buffer.of(0), Buffer.from(sent.slice(at, at + 32_768))]));
    }
    socket.send(Buffer.of(255, 0));
  });
  assert.ok(run.text(1) === sent, 'every byte comes back');
  assert.is(JSON.parse(run.text(3)).status, 'Success');
});

test('a terminal has one screen: nothing comes on the channel of errors', async ({ server }) => {
  const run = await runWebSocket(server.port, `/exec?${shell('echo a; echo b >&2')}&tty=true&${OUT}`, V5);
  assert.is(run.text(1), 'a\r\nb\r\n');
  assert.is(run.text(2), '');
});

test('a program that is not there is a failure without an exit code', async ({ server }) => {
  const run = await runWebSocket(server.port, `/exec?command=nosuch&${OUT}`, V5);
  const status = JSON.parse(run.text(3));
  assert.is(status.reason, 'InternalError');
  assert.match(status.message, /"nosuch": executable file not found/);
});

test('an older protocol is spoken when it is all the client offers', async ({ server }) => {
  const run = await runWebSocket(server.port, `/exec?command=true&${OUT}`, ['v4.channel.k8s.io', 'channel.k8s.io']);
  assert.is(run.protocol, 'v4.channel.k8s.io');
});

test('the oldest protocol tells failures only, and in words', async ({ server }) => {
  const oldest = ['channel.k8s.io'];
  const fine = await runWebSocket(server.port, `/exec?command=echo&command=a&${OUT}`, oldest);
  assert.is(fine.text(1), 'a\n');
  assert.not.ok(fine.messages.some(({ channel }) => channel === 3));
  const failed = await runWebSocket(server.port, `/exec?${shell('exit 3')}&${OUT}`, oldest);
  assert.match(failed.text(3), /^command terminated with non-zero exit code/);
});

test('empty and text messages on the way in are passed over', async ({ server }) => {
  const run = await runWebSocket(server.port, `/exec?command=cat&stdin=true&${OUT}`, V5, (socket) => {
    socket.send(Buffer.alloc(0));
    socket.send('words');
    socket.send(Buffer.of(4, 0x7b));
    socket.send(Buffer.of(77, 1, 2, 3));
    socket.send(Buffer.of(255, 0));
  });
  assert.is(run.text(1), '');
  assert.is(JSON.parse(run.text(3)).status, 'Success');
});

test('a log comes over WebSocket as it is', async ({ server }) => {
  const run = await runWebSocket(server.port, '/log?tailLines=2', ['binary.k8s.io']);
  assert.is(
    run.messages.map(({ channel, text }) => String.fromCharCode(channel) + text).join(''),
    'web/a: line 5\nweb/a: line 6\n',
  );
  assert.is(run.closeCode, 1000);
});

// --- SPDY ----------------------------------------------------------------------------------------------------------

test('a command over SPDY: streams by name, a status, the end', async ({ server }) => {
  const client = await connectSpdy(server.port, `/exec?command=cat&stdin=true&${OUT}`, 'v4.channel.k8s.io');
  const error = await client.open({ streamtype: 'error' });
  const stdin = await client.open({ streamtype: 'stdin' });
  const stdout = await client.open({ streamtype: 'stdout' });
  await client.open({ streamtype: 'stderr' });
  const sent = randomBytes(200_000).toString('hex');
  client.send(stdin, sent.slice(0, 100_000));
  client.send(stdin, sent.slice(100_000), true);
  assert.ok((await client.end(stdout)) === sent, 'every byte comes back');
  assert.is(JSON.parse(await client.end(error)).status, 'Success');
});

test('noise instead of SPDY ends the connection, and nothing else', async ({ server }) => {
  const client = await connectSpdy(server.port, `/exec?command=cat&stdin=true&${OUT}`, 'v4.channel.k8s.io');
  const over = new Promise((resolve) => client.socket.once('close', resolve));
  client.socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(3)).map((byte, i) => (i === 0 ? 0xff : byte)));
  await over;
  const run = await runWebSocket(server.port, `/exec?command=true&${OUT}`, V5);
  assert.is(JSON.parse(run.text(3)).status, 'Success');
});

// --- port-forward --------------------------------------------------------------------------------------------------

test('port-forward: a pair of streams a client, several at once', async ({ server }) => {
  const client = await connectSpdy(server.port, '/portforward', 'portforward.k8s.io');
  const pairs = [];
  for (const id of ['0', '1', '2']) {
    const error = await client.open({ streamtype: 'error', port: '80', requestid: id });
    pairs.push([error, await client.open({ streamtype: 'data', port: '80', requestid: id })]);
  }
  for (const [id, [, data]] of pairs.entries())
    client.send(data, `GET /${id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  for (const [id, [error, data]] of pairs.entries()) {
    assert.match(await client.end(data), new RegExp(`made-up pod: GET /${id}\n`));
    assert.is(await client.end(error), '');
  }
  client.socket.destroy();
});

test('a port nobody listens on is told on the stream of errors', async ({ server }) => {
  const client = await connectSpdy(server.port, '/portforward', 'portforward.k8s.io');
  const error = await client.open({ streamtype: 'error', port: '81', requestid: '0' });
  await client.open({ streamtype: 'data', port: '81', requestid: '0' });
  assert.match(await client.end(error), /forwarding port 81 to pod web, uid u1: connect: connection refused/);
  client.socket.destroy();
});

// --- refusals ------------------------------------------------------------------------------------------------------

const SPDY = { Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'v4.channel.k8s.io' };
const WEB_SOCKET = {
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
  'Sec-WebSocket-Protocol': 'v4.channel.k8s.io',
};
const REFUSALS: [sentence: string, path: string, headers: Record<string, string>, message: RegExp][] = [
  ['no channel', '/exec?command=true', SPDY, /at least 1 of stdin, stdout, stderr/],
  ['no command', `/exec?${OUT}`, SPDY, /at least 1 command/],
  [
    'a container that is not there',
    `/exec?command=true&container=zz&${OUT}`,
    SPDY,
    /container zz is not valid for pod web/,
  ],
  [
    'a protocol nobody speaks',
    `/exec?command=true&${OUT}`,
    { ...SPDY, 'X-Stream-Protocol-Version': 'v9' },
    /client supports \[v9\]/,
  ],
  ['an upgrade to something else', `/exec?command=true&${OUT}`, { ...SPDY, Upgrade: 'h2c' }, /SPDY\/3.1 or websocket/],
  ['a WebSocket to no port', '/portforward', WEB_SOCKET, /query parameter "ports" is required/],
  ['a port without a number', '/portforward?ports=http', WEB_SOCKET, /unable to parse "http" as a port/],
  ['port 0', '/portforward?ports=0', WEB_SOCKET, /unable to parse "0" as a port/],
  ['a port above them all', '/portforward?ports=80&ports=65536', WEB_SOCKET, /unable to parse "65536" as a port/],
  ['a port below zero', '/portforward?ports=-1', WEB_SOCKET, /unable to parse "-1" as a port/],
  ['nothing after a comma', '/portforward?ports=80,', WEB_SOCKET, /unable to parse "" as a port/],
  [
    'more ports than channels have numbers for',
    `/portforward?ports=${new Array(101).fill(80).join()}`,
    WEB_SOCKET,
    /at most 100 ports/,
  ],
  [
    'ports over a protocol of commands',
    '/portforward',
    { ...SPDY, 'X-Stream-Protocol-Version': 'v9' },
    /client supports \[v9\], server accepts \[portforward\.k8s\.io\]/,
  ],
  ['tail lines below zero', '/log?tailLines=-1', { Upgrade: 'websocket' }, /tailLines: Invalid value/],
];
for (const [sentence, path, headers, message] of REFUSALS) {
  test(`refused: ${sentence}`, async ({ server }) => {
    const [code, text] = await refused(server.port, path, headers);
    assert.ok(code === 400 || code === 422, String(code));
    assert.match(text, message);
  });
}

test('a pod that no node runs cannot be spoken to', async () => {
  const server = await servePod({ ...POD, spec: { containers: [{ name: 'a' }] } } as never);
  const [code, text] = await refused(server.port, `/exec?command=true&${OUT}`, SPDY);
  assert.is(code, 400);
  assert.is(text, 'pod web does not have a host assigned');
  await server.close();
});

test.run();
