/** What a call was refused with, as '403 MESSAGE'; 'done' when it was not. */
import { ApiError } from '../../../../runtime/api/http/status.ts';

export async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'done';
  } catch (error) {
    if (error instanceof ApiError) return `${error.code} ${error.message}`;
    throw error;
  }
}
