import { denseNet } from "../dense-net.mjs";

export default denseNet([784, 10, 10], 32);
