/** A process that carries by what it is told, says how, and waits to be killed, or ends well at a line: `node carrying.ts nftables`. */
import { openCarrier, type ProxyMode } from '../../../runtime/services/carriers/choose.ts';

const [mode] = process.argv.slice(2) as [ProxyMode];
try {
  const carrier = await openCarrier(mode, {
    nodeName: 'here',
    nodePortAddress: '127.0.0.1',
    clusterRange: '10.96.0.0/12',
    bridge: { name: 'pods0', subnets: ['10.1.0.0/24'], gateway: '10.1.0.1' },
    problem: (error) => console.log(error),
  });
  const none = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };
  await carrier?.plane.apply(1, none);
  console.log(carrier?.words);
  process.stdin.once('data', async (line) => {
    if (String(line).startsWith('fail')) process.exit(3);
    await carrier?.close();
    process.exit(0);
  });
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
  process.exit(1);
}
