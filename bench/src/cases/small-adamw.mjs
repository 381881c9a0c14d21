import { smallParameters } from "../small-parameters.mjs";

export default smallParameters("AdamW", { kept: 2 });
