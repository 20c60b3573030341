import type { AdminClient } from '../client/admin.ts';
import { EMIT_BATCH_MAX, type EmitRequest, type EmitResponse } from '../contract/emission.ts';

/** Under the 1 MiB that the server takes, with room for brackets and commas. */
const BATCH_BYTES = 1_000_000;

/** Sends events in order, as many at a time as the server takes, and hands over each answer as it comes. */
export async function sendInBatches(
  client: AdminClient,
  emissions: readonly EmitRequest[],
  onResponse: (emission: EmitRequest, response: EmitResponse) => void,
): Promise<void> {
  for (const batch of inBatches(emissions)) {
    const responses = await client.emit(batch);
    batch.forEach((emission, index) => {
      const response = responses[index];
      if (response !== undefined) onResponse(emission, response);
    });
  }
}

function* inBatches(emissions: readonly EmitRequest[]): Generator<EmitRequest[]> {
  let batch: EmitRequest[] = [];
  let bytes = 0;
  for (const emission of emissions) {
    const more = Buffer.byteLength(JSON.stringify(emission)) + 1;
    if (batch.length === EMIT_BATCH_MAX || (batch.length > 0 && bytes + more > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(emission);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}
