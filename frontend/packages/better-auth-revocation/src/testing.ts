export {
  type FakeAnswer,
  type FakeApi,
  type ReceivedRequest,
  refuse,
  startFakeApi,
} from "./testing/fake-api.ts";
export { isRevoked } from "./testing/follower.ts";
export { prepareDatabase } from "./testing/prepare.ts";
export { type SignedIn, signedIn, type TestedAuth } from "./testing/signed-in.ts";
