/** Services of a whole cluster, carried by the kernel to real containers. */
import { test } from 'uvu';
import { startDockerd } from '../../support/dockerd.ts';
import { enterOwnNetwork, whyNoBridge } from '../../support/own-network.ts';
import { testServices } from './end-to-end.ts';

enterOwnNetwork();
const why = whyNoBridge();
if (why !== undefined) console.log(`skipped: ${why}`);
const dockerd = why === undefined ? await startDockerd() : undefined;
if (dockerd) testServices(test, dockerd, 'nftables');

test.run();
