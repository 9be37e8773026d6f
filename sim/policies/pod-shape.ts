/**
 * What the policies see of a pod: CPU, GPU share, number of devices, allowed models. Pods of one shape get equal
 * verdicts and scores: they share one object. Memory is for NodeResourcesFit alone.
 */
import type { Pod } from '../../core/index.ts';
import { DEVICE_MILLI, GPU_COUNT, GPU_MILLI, GPU_MODEL } from '../traces/openb.ts';

/** What a pod holds, for GpuClustering: nothing, a share of a device, or k whole devices (KIND_WHOLE + k - 1). */
export const KIND_NONE = 0;
export const KIND_SHARE = 1;
export const KIND_WHOLE = 2;

export interface GpuAsk {
  cpuMilli: number;
  gpus: number;
  /** Of each device. */
  gpuMilli: number;
  models: readonly string[];
}

export interface PodShape extends GpuAsk {
  /** gpus × gpuMilli */
  readonly gpuTotal: number;
  readonly shared: boolean;
  readonly kind: number;
  /** [model id] → 1 where the pod may run; null means anywhere. */
  readonly allowed: Uint8Array | null;
}

/** What a shape has of a pod's annotations, as one text. */
export function askText({ metadata: { annotations } }: Pod): string {
  if (annotations?.[GPU_COUNT] === undefined) return '';
  return `${annotations[GPU_COUNT]}/${annotations[GPU_MILLI]}/${annotations[GPU_MODEL] ?? ''}`;
}

export class PodShapes {
  readonly #byKey = new Map<string, PodShape>();
  readonly #modelNames: readonly string[];

  /** @param modelNames by model id, as in GpuDevices. */
  constructor(modelNames: readonly string[]) {
    this.#modelNames = modelNames;
  }

  of({ cpuMilli, gpus, gpuMilli, models }: GpuAsk): PodShape {
    const key = `${cpuMilli}/${gpus}/${gpuMilli}/${models.join('|')}`;
    let shape = this.#byKey.get(key);
    if (!shape) {
      const shared = gpus === 1 && gpuMilli < DEVICE_MILLI;
      shape = {
        cpuMilli,
        gpus,
        gpuMilli,
        models,
        gpuTotal: gpus * gpuMilli,
        shared,
        kind: gpus === 0 ? KIND_NONE : shared ? KIND_SHARE : KIND_WHOLE + gpus - 1,
        allowed:
          models.length === 0 ? null : Uint8Array.from(this.#modelNames, (name) => Number(models.includes(name))),
      };
      this.#byKey.set(key, shape);
    }
    return shape;
  }

  /** GPU needs stand in the pod's annotations. */
  ofPod({ metadata: { annotations } }: Pod, cpuMilli: number): PodShape {
    const models = annotations?.[GPU_MODEL];
    return this.of({
      cpuMilli,
      gpus: Number(annotations?.[GPU_COUNT] ?? 0),
      gpuMilli: Number(annotations?.[GPU_MILLI] ?? 0),
      models: models ? models.split('|') : [],
    });
  }
}
