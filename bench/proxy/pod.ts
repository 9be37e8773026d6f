/**
 * A pod as a real process: an HTTP server. Told to end by SIGTERM it says so in every answer, takes what still comes, and
 * ends when its last connection has.
 */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { sayPorts } from './say-port.ts';

const open = new Set<Socket>();
let ending = false;
const server = createServer({ keepAliveTimeout: 600_000, noDelay: true }, (_request, response) => {
  if (ending) response.shouldKeepAlive = false;
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 3 });
  response.end('ok\n');
});
server.on('connection', (socket) => {
  open.add(socket);
  socket.on('close', () => {
    open.delete(socket);
    endIfDone();
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  sayPorts({ http: (server.address() as AddressInfo).port });
});

/** `pod.ts drained`: nothing is in flight when it is told to end, so that connections without a request may go at once. */
const drained = process.argv[2] === 'drained';
process.on('SIGTERM', () => {
  // Within two turns of the loop all connections are accepted that were made before the signal.
  setImmediate(() =>
    setImmediate(() => {
      ending = true;
      if (drained) server.closeIdleConnections();
      endIfDone();
    }),
  );
});

function endIfDone(): void {
  if (ending && open.size === 0) process.exit();
}
