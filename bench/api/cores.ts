/** Which core a process may use, by Linux' taskset: the kernel may put two that wake each other on one and leave one idle. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The server's main thread (its helpers stay free) and this process, its client, each to a core of their own. @returns how to undo it. */
export function bindApart(serverPid: number): () => void {
  const all = `0-${availableParallelism() - 1}`;
  taskset('-pc', '0', serverPid);
  taskset('-apc', '1', process.pid);
  return () => {
    taskset('-pc', all, serverPid);
    taskset('-apc', all, process.pid);
  };
}

function taskset(how: string, cores: string, pid: number): void {
  execFileSync('taskset', [how, cores, String(pid)]);
}
