/**
 * A process in a network namespace of its own, as a pod is: servers that say their name and whom they see, and clients.
 * Told what to do over IPC (network.ts).
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';

export interface Target {
  host: string;
  port: number;
}

/** One of these, with a number to answer it by. */
export type Order =
  | { do: 'listen'; name: string; ports: readonly number[] }
  | { do: 'connect'; to: Target; times: number; from?: string }
  | { do: 'hold'; to: Target }
  | { do: 'talk'; words: string }
  | { do: 'let go' }
  | { do: 'send'; to: Target; times: number; ownSockets: boolean };

/** Nobody answers within it: dropped. */
const PATIENCE_MS = 1000;

let held: Socket | undefined;
const lasting: { udp4?: UdpSocket; udp6?: UdpSocket } = {};

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  carryOut(order).then(
    (answer) => process.send?.({ id, answer }),
    (error: Error) => process.send?.({ id, failure: error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, answer: 'here' });

async function carryOut(order: Order): Promise<unknown> {
  if (order.do === 'listen') return listen(order.name, order.ports);
  if (order.do === 'connect') return repeat(order.times, () => ask(order.to, order.from));
  if (order.do === 'send') return repeat(order.times, () => send(order.to, order.ownSockets));
  if (order.do === 'hold') return hold(order.to);
  if (order.do === 'talk') return talk(order.words);
  held?.end();
  held = undefined;
  return undefined;
}

async function repeat(times: number, once: () => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let i = 0; i < times; i++) answers.push(await once());
  return answers;
}

/** TCP: 'NAME CLIENT' at once, and an echo after it. UDP: 'NAME CLIENT' to each datagram. */
async function listen(name: string, ports: readonly number[]): Promise<void> {
  const plain = (address = ''): string => address.replace(/^::ffff:/, '');
  for (const port of ports) {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.write(`${name} ${plain(socket.remoteAddress)}\n`);
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen({ host: '::', port }, resolve));
    for (const type of ['udp4', 'udp6'] as const) {
      const socket = createSocket({ type, ipv6Only: type === 'udp6' });
      socket.on('message', (_, { address, port: to }) => socket.send(`${name} ${address}`, to, address));
      await new Promise<void>((resolve) => socket.bind(port, resolve));
    }
  }
}

/** What the server says first, or the code of the error, or 'nothing' in time. */
function ask(to: Target, from?: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ ...to, ...(from !== undefined && { localAddress: from }) });
  const done = (answer: string): void => {
    resolve(answer);
    socket.destroy();
  };
  socket.setTimeout(PATIENCE_MS, () => done('nothing'));
  socket.on('data', (bytes) => done(String(bytes).trim()));
  socket.on('error', ({ code }: NodeJS.ErrnoException) => done(code ?? 'error'));
  return promise;
}

async function hold(to: Target): Promise<string> {
  const socket = connect(to);
  held = socket;
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('data', (bytes) => resolve(String(bytes).trim())));
}

/** Over the connection that is held: what comes back. */
function talk(words: string): Promise<string> {
  return new Promise((resolve) => {
    held?.once('data', (bytes) => resolve(String(bytes)));
    held?.write(words);
    setTimeout(() => resolve('nothing'), PATIENCE_MS);
  });
}

/** From a socket each, as so many clients, or from one that stays: one flow. */
async function send({ host, port }: Target, ownSocket: boolean): Promise<string> {
  const type = host.includes(':') ? 'udp6' : 'udp4';
  const socket = ownSocket ? createSocket(type) : (lasting[type] ??= createSocket(type));
  socket.removeAllListeners();
  const answer = new Promise<string>((resolve) => {
    socket.once('message', (bytes) => resolve(String(bytes)));
    // A refusal of an unconnected socket is not told to the program.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'error'));
    setTimeout(() => resolve('nothing'), PATIENCE_MS);
  });
  socket.send('?', port, host);
  const said = await answer;
  if (ownSocket) socket.close();
  return said;
}
