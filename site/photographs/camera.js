"use strict";
// Pictures from the camera: what it shows is looked at here and goes nowhere else.

async function useCamera(name, take) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = make("video", { autoplay: true, muted: true, playsInline: true, srcObject: stream });
  const opener = document.activeElement.ariaLabel, said = spoken("status"), close = () => dialog.close();
  let taken = 0;
  const shoot = async () => {
    await take(await frameOf(video, `${name} ${Date.now()}.png`));
    write(said, `${plural(++taken, "picture")} taken.`);
  };
  const dialog = make("dialog", { className: "cs826tl camera" }, make("h2", { textContent: `Pictures of ${name}` }), video, said, make("div", { className: "run" },
    make("button", { type: "button", className: "strong", textContent: "Take a picture", onclick: shoot }),
    make("button", { type: "button", className: "plain", textContent: "Done", onclick: close })));
  dialog.setAttribute("aria-label", `Camera: pictures of ${name}`);
  dialog.addEventListener("close", () => {
    for (const track of stream.getTracks()) track.stop();
    dialog.remove();
    document.querySelector(`[aria-label="${opener}"]`)?.focus(); // it may have been drawn anew
  });
  document.body.append(dialog);
  dialog.showModal();
}

async function frameOf(video, name) {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new File([await canvas.convertToBlob()], name);
}
