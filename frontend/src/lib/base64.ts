/** A file's bytes in base64, for what is sent with words. */
export const base64Of = (file: File) => new Promise<string>((done, fail) => {
  const reader = new FileReader();
  reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ""));
  reader.onerror = () => fail(reader.error ?? new Error(file.name));
  reader.readAsDataURL(file);
});
