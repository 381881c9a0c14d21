import { squareMatmul } from "../square-matmul.mjs";

export default squareMatmul(512);
