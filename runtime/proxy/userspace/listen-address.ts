/** Addresses to listen on: whether one is free. Workers share theirs, and so would not notice another program on it. */
import { createSocket } from 'node:dgram';
import { createServer, isIPv6 } from 'node:net';

export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** The port, as far as it can be had. @throws the system's error where the address is in use or not allowed. */
export function probe({ host, port, protocol }: ListenAddress & { protocol: 'TCP' | 'UDP' }): Promise<number> {
  return protocol === 'UDP' ? probeUdp(host, port) : probeTcp(host, port);
}

function probeTcp(host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer((socket) => socket.destroy());
  server.once('error', reject);
  server.listen({ host, port, exclusive: true }, () => {
    const address = server.address();
    const found = typeof address === 'object' && address ? address.port : port;
    server.close(() => resolve(found));
  });
  return promise;
}

function probeUdp(host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.once('error', reject);
  socket.bind({ address: host, port, exclusive: true }, () => {
    const found = socket.address().port;
    socket.close(() => resolve(found));
  });
  return promise;
}
