import * as tf from "@tensorflow/tfjs";

/** TensorFlow.js on its plain JavaScript backend. */
export async function open() {
  await tf.setBackend("cpu");
  return { side: "tfjs", info: `${tf.version.tfjs}, ${tf.getBackend()} backend`, library: tf };
}
