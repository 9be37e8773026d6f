/** The plain proxy of Node: an accepted socket, a connected one, and pipe() both ways. */
import { type AddressInfo, connect, createServer } from 'node:net';
import { sayPorts } from './say-port.ts';

const to = Number(process.argv[2]);
const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const upstream = connect({ host: '127.0.0.1', port: to, noDelay: true, allowHalfOpen: true });
  client.pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  sayPorts({ proxy: (server.address() as AddressInfo).port });
});
