/** An ONNX model that hands back one number: 64 bytes of protobuf, as `onnx.helper` makes them. */
export const IDENTITY = Uint8Array.from(
  atob('CAg6NgoQCgF4EgF5IghJZGVudGl0eRIAWg8KAXgSCgoICAESBAoCCAFiDwoBeRIKCggIARIECgIIAUIECgAQDQ=='),
  (char) => char.charCodeAt(0),
)
