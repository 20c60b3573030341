import { WireError } from '../../../src/wire/errors.ts';
import { openWire } from '../../../src/wire/open-wire.ts';
import type { WireOptions } from '../../../src/wire/wire-options.ts';

/**
 * Comes with another `EIO` version or another transport name than this server speaks; resolves to the refusal, or to
 * `undefined` where it was let in.
 */
export async function wrongVersionPeer(
  url: string,
  query: Readonly<Record<string, string>>,
  options: WireOptions = {},
): Promise<WireError | undefined> {
  try {
    const wire = await openWire(url, { ...options, query });
    await wire.close();
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}
