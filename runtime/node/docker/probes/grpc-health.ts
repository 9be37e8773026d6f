/** The health of a gRPC server as it tells it itself (grpc.health.v1). Source: Kubernetes v1.36, pkg/probe/grpc/grpc.go. */

const CHECK = '/grpc.health.v1.Health/Check';
const SERVING = 1;
const STATUS_NAMES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

export interface GrpcTarget {
  host: string;
  port: number;
  /** '' for the server as a whole. */
  service: string;
}

export async function grpcHealth(
  { host, port, service }: GrpcTarget,
  timeoutMs: number,
): Promise<{ success: boolean; message: string }> {
  // Loaded when the first container is asked this way.
  const { Client, credentials, status: Status } = await import('@grpc/grpc-js');
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const client = new Client(address, credentials.createInsecure(), { 'grpc.primary_user_agent': 'kube-probe/1.36' });
  const asIs = (bytes: Buffer): Buffer => bytes;
  const options = { deadline: Date.now() + timeoutMs };
  return new Promise((resolve) => {
    client.makeUnaryRequest(CHECK, asIs, asIs, healthRequest(service), options, (error, answer) => {
      client.close();
      const fail = (message: string): void => resolve({ success: false, message });
      if (error?.code === Status.UNIMPLEMENTED) {
        fail(
          `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${error.details}`,
        );
      } else if (error?.code === Status.DEADLINE_EXCEEDED) {
        fail(`timeout: health rpc did not complete within ${timeoutMs / 1000}s`);
      } else if (error) {
        fail(`error: health rpc probe failed: ${error.message}`);
      } else {
        const status = healthStatus(answer ?? Buffer.alloc(0));
        if (status === SERVING) resolve({ success: true, message: '' });
        else fail(`service unhealthy (responded with "${STATUS_NAMES[status] ?? status}")`);
      }
    });
  });
}

/** HealthCheckRequest: 1 service. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  return name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left];
    bytes.push((left & 0x7f) | 0x80);
  }
}

/** HealthCheckResponse: 1 status, left out where it is 0. */
export function healthStatus(message: Buffer): number {
  return message.length >= 2 && message[0] === 0x08 ? message[1] : 0;
}
