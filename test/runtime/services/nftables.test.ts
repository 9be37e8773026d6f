/** Services of a whole cluster, carried by the kernel to real containers. */
import { test } from 'uvu';
import { startDockerd } from '../../support/dockerd.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { testServices } from './end-to-end.ts';

enterOwnNetwork();
const dockerd = await startDockerd();
if (dockerd) testServices(test, dockerd, 'nftables');

test.run();
