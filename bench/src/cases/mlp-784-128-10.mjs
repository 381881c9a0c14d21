import { denseNet } from "../dense-net.mjs";

export default denseNet([784, 128, 10], 128);
